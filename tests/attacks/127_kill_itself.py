# expected: a death by signal is told as one
# check: r['status']=='died signal SIGKILL'
import os
os.kill(os.getpid(),9)
