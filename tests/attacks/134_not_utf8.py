# expected: a frame that is no UTF-8 ends the run
# check: r['status'].startswith('killed: protocol')
tools._s.sendall(b'{"jsonrpc":"2.0","method":"sandbox/progress","params":{"message":"\xff\xfe"}}\n')
import time; time.sleep(30)
