# expected: integer literal of 500k digits is refused, not computed
# check: r['status'].startswith('killed: protocol')
import time
tools._s.sendall(b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"x":'+b'9'*500000+b'}}}\n'); time.sleep(30)
