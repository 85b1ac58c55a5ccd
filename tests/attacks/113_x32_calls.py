# expected: the other ABI of the processor ends the process or is refused
# check: (r['status']=='ok' and r['value'] is True) or r['status'].startswith('died')
import ctypes, errno, platform
l=ctypes.CDLL(None,use_errno=True); z=ctypes.create_string_buffer(4096)
def refused(n,*args):
    ctypes.set_errno(0)
    return l.syscall(n,*args)==-1 and ctypes.get_errno() in (errno.EPERM, errno.ENOSYS)
X=platform.machine()=='x86_64'

result=not X or all(l.syscall(0x40000000|n,0,0,0,0,0)==-1 for n in (41,57,59,101,272))
