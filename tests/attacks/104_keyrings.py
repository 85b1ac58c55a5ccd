# expected: no key of the user or the session can be read or made
# check: r['status']=='ok' and r['value'] is True
import ctypes, errno, platform
l=ctypes.CDLL(None,use_errno=True); z=ctypes.create_string_buffer(4096)
def refused(n,*args):
    ctypes.set_errno(0)
    return l.syscall(n,*args)==-1 and ctypes.get_errno() in (errno.EPERM, errno.ENOSYS)
X=platform.machine()=='x86_64'

result=all(refused(n,z,z,0,0,0) for n in ((248,249,250) if X else (217,218,219)))
