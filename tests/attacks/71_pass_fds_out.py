# expected: sending file descriptors to the broker does nothing: it never reads ancillary data
# check: r['status'] in ('ok','error') or r['status'].startswith('killed')
import socket, array
try: tools._s.sendmsg([b'{}\n'],[(socket.SOL_SOCKET,socket.SCM_RIGHTS,array.array('i',[0,1,2]*60))])
except OSError: pass
result=True
