# expected: no process by any flags of clone, only threads
# check: r['status']=='ok' and r['value'] is True
import ctypes, errno, platform
l=ctypes.CDLL(None,use_errno=True); z=ctypes.create_string_buffer(4096)
def refused(n,*args):
    ctypes.set_errno(0)
    return l.syscall(n,*args)==-1 and ctypes.get_errno() in (errno.EPERM, errno.ENOSYS)
X=platform.machine()=='x86_64'

n=56 if X else 220
result=all(refused(n,f,0,0,0,0) for f in (17,0x100|17,0x4100|17,0x8000|17,0x20000|17,0x20000000|17,0x02000000|17,0x80000000|17,0))
result=result and refused(435,z,88)
