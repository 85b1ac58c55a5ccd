# expected: a frame that never completes ends at the wall limit
# check: r['status'].startswith('killed: wall')
tools._s.sendall(b'{"jsonrpc":"2.0","id":1,')
import time; time.sleep(3600)
