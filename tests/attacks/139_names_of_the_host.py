# expected: neither the host's name nor its users can be read
# check: r['status']=='ok' and r['value'] is True
import os, socket, getpass, pwd
bad=[]
if os.uname().nodename!='sandbox': bad.append(os.uname().nodename)
for f in (lambda: pwd.getpwuid(0), getpass.getuser, lambda: socket.gethostbyname('localhost'), os.getlogin):
    try: bad.append(f())
    except (OSError,KeyError,ImportError): pass
result=bad==[] and os.getuid()!=0 and os.getgroups() in ([],[65534])
