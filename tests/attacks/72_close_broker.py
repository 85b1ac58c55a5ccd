# expected: closing the broker socket fails the run cleanly
# check: not r['status'].startswith('ok')
import socket
tools._s.shutdown(socket.SHUT_RDWR)
tools._s.close()
result=1
