# expected: a sandbox that is stopped is killed all the same
# check: r['status'].startswith('killed: wall')
import os, signal
os.kill(os.getpid(),signal.SIGSTOP)
