# expected: no control of processes but names
# check: r['status']=='ok' and r['value'] is True
import ctypes, errno, platform
l=ctypes.CDLL(None,use_errno=True); z=ctypes.create_string_buffer(4096)
def refused(n,*args):
    ctypes.set_errno(0)
    return l.syscall(n,*args)==-1 and ctypes.get_errno() in (errno.EPERM, errno.ENOSYS)
X=platform.machine()=='x86_64'

result=all(refused(157 if X else 167,o,1,0,0,0) for o in (1,4,8,22,24,28,35,36,38,40,41,43,47,53,55,59,0x59616d61))
