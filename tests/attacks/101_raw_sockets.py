# expected: socket(2) by number is refused for vsock, netlink, packet, alg, xdp and the rest
# check: r['status']=='ok' and r['value'] is True
import ctypes, errno, platform
l=ctypes.CDLL(None,use_errno=True); z=ctypes.create_string_buffer(4096)
def refused(n,*args):
    ctypes.set_errno(0)
    return l.syscall(n,*args)==-1 and ctypes.get_errno() in (errno.EPERM, errno.ENOSYS)
X=platform.machine()=='x86_64'

n=41 if X else 198
result=all(refused(n,f,t,0) for f in (1,2,10,16,17,38,40,44) for t in (1,2,3,5))
