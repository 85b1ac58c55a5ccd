# expected: duplicate keys: nobody reads a call in two ways; the run ends
# check: r['status'].startswith('killed: protocol') and 'delete' not in r['calls']
b=b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"add","name":"delete","arguments":{"a":1,"b":1}}}\n'
tools._s.sendall(b)
import time; time.sleep(30)
