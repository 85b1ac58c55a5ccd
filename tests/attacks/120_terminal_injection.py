# expected: no terminal can be typed into
# check: r['status']=='ok' and r['value'] is True
import ctypes, errno, platform
l=ctypes.CDLL(None,use_errno=True); z=ctypes.create_string_buffer(4096)
def refused(n,*args):
    ctypes.set_errno(0)
    return l.syscall(n,*args)==-1 and ctypes.get_errno() in (errno.EPERM, errno.ENOSYS)
X=platform.machine()=='x86_64'

import fcntl
bad=[]
for fd in (0,1,2):
    for c in (0x5412,0x541c,0x5423,0x540e,0x8933,0x4b3a):
        try: fcntl.ioctl(fd,c,bytes(64)); bad.append((fd,c))
        except OSError: pass
result=bad==[]
