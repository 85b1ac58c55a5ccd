# expected: hand-made frame of 400k nested arrays cannot crash the host parser
# check: r['status'].startswith('killed: protocol')
import time
tools._s.sendall(b'['*400000+b']'*400000+b'\n'); time.sleep(30)
