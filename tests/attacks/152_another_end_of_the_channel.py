# expected: with another socket in the channel's place, nobody hears the program, and nobody is misled
# check: r['status'].startswith('died') and r['calls']==[]
import os, socket
a,b=socket.socketpair()
os.dup2(a.fileno(),tools._s.fileno())
result=True
