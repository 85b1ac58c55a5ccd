# expected: no mount call, old or new, and no other root
# check: r['status']=='ok' and r['value'] is True
import ctypes, errno, platform
l=ctypes.CDLL(None,use_errno=True); z=ctypes.create_string_buffer(4096)
def refused(n,*args):
    ctypes.set_errno(0)
    return l.syscall(n,*args)==-1 and ctypes.get_errno() in (errno.EPERM, errno.ENOSYS)
X=platform.machine()=='x86_64'

result=all(refused(n,z,z,z,0,0) for n in ((161,165,166,155,428,429,430,431,432,433,442,304) if X else (51,40,39,41,428,429,430,431,432,433,442,265)))
