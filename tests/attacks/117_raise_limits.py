# expected: limits cannot be set, of this process or another, nor priorities
# check: r['status']=='ok' and r['value'] is True
import ctypes, errno, platform
l=ctypes.CDLL(None,use_errno=True); z=ctypes.create_string_buffer(4096)
def refused(n,*args):
    ctypes.set_errno(0)
    return l.syscall(n,*args)==-1 and ctypes.get_errno() in (errno.EPERM, errno.ENOSYS)
X=platform.machine()=='x86_64'

import resource
bad=[]
for k in (resource.RLIMIT_AS,resource.RLIMIT_CPU,resource.RLIMIT_NOFILE,resource.RLIMIT_NPROC):
    try: resource.setrlimit(k,(1,1)); bad.append(k)
    except (OSError,ValueError): pass
resource.getrlimit(resource.RLIMIT_AS)
bad+=[n for n in ((141,144,142,251,203,314) if X else (140,119,118,30,122,274)) if not refused(n,0,0,z)]
bad+=[p for p in (0,1) if not refused(302 if X else 261,p,9,z,z)]
result=bad==[]
