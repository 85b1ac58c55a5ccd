# expected: rings that make calls behind the filter are refused
# check: r['status']=='ok' and r['value'] is True
import ctypes, errno, platform
l=ctypes.CDLL(None,use_errno=True); z=ctypes.create_string_buffer(4096)
def refused(n,*args):
    ctypes.set_errno(0)
    return l.syscall(n,*args)==-1 and ctypes.get_errno() in (errno.EPERM, errno.ENOSYS)
X=platform.machine()=='x86_64'

result=all(refused(n,1,z,0,0,0,0) for n in (425,426,427))
