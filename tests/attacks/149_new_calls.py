# expected: calls of newer kernels and for other processes are refused by number
# check: r['status']=='ok' and r['value'] is True
import ctypes, errno, os, platform
l=ctypes.CDLL(None,use_errno=True); z=ctypes.create_string_buffer(4096)
def refused(n,*args):
    ctypes.set_errno(0)
    return l.syscall(n,*args)==-1 and ctypes.get_errno() in (errno.EPERM, errno.ENOSYS)
X=platform.machine()=='x86_64'

new=[424,425,426,427,428,429,430,431,432,433,434,438,440,442,443,444,445,446,447,448,450,*range(451,470)]
old=(278,275,276,303,304,310,311,312,323,298,322,319,308,272) if X else (75,76,77,264,265,270,271,272,282,241,281,279,268,97)
bad=[n for n in (*new,*old) for p in (0,1,os.getpid()) if not refused(n,p,z,1,z,1,0)]
print(bad)
result=bad==[]
