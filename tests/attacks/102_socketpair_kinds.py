# expected: only stream pairs: a datagram end could send to other sockets by name
# check: r['status']=='ok' and r['value'] is True
import socket
bad=[]
for k in (socket.SOCK_DGRAM,socket.SOCK_SEQPACKET,socket.SOCK_RAW):
    try: socket.socketpair(socket.AF_UNIX,k); bad.append(k)
    except OSError: pass
a,b=socket.socketpair()
try: a.sendto(b'x','\0abstract'); bad.append('sendto')
except OSError: pass
try: a.sendmsg([b'x'],[(socket.SOL_SOCKET,socket.SCM_RIGHTS,b'\0\0\0\0')]); bad.append('fd in flight')
except OSError: pass
result=bad==[]
