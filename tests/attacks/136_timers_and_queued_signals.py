# expected: timers and signals without number stay in the sandbox
# check: r['status'] in ('ok','error') or r['status'].startswith(('died','killed'))
import ctypes, errno, platform
l=ctypes.CDLL(None,use_errno=True); z=ctypes.create_string_buffer(4096)
def refused(n,*args):
    ctypes.set_errno(0)
    return l.syscall(n,*args)==-1 and ctypes.get_errno() in (errno.EPERM, errno.ENOSYS)
X=platform.machine()=='x86_64'

import signal
signal.signal(signal.SIGALRM,lambda *a: None)
made=0
while made<100000 and l.timer_create(0,None,z)==0: made+=1
signal.setitimer(signal.ITIMER_REAL,0.0001,0.0001)
result=sum(range(10**6))>0
