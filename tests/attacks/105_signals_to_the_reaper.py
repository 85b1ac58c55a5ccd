# expected: signals to the first process do nothing; to all, they reach only the sandbox
# check: r['status']=='ok' and r['value'] is True
import os, signal
for s in (signal.SIGKILL,signal.SIGTERM,signal.SIGSTOP,signal.SIGSEGV,signal.SIGCHLD,signal.SIGHUP):
    try: os.kill(1,s)
    except OSError: pass
try: os.kill(-1,signal.SIGKILL)
except OSError: pass
result=True
