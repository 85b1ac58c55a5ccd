# expected: protocol garbage ends the run, broker survives
# check: r['status'].startswith('killed: protocol')
tools._s.sendall(b'hello\n')
import time; time.sleep(30)
