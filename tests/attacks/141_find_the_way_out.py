# expected: .. and odd paths of the root lead nowhere
# check: r['status']=='ok' and r['value'] is True
import os
seen=set(os.listdir('/'))
bad=[]
for p in ('..','../..','/..','/../..','/proc/1/root','/dev/fd/3','/tmp/../..'):
    try:
        if os.path.isdir(p) and not set(os.listdir(p))<=seen|{'output'}: bad.append(p)
    except OSError: pass
fd=os.open('/',os.O_RDONLY)
for n in ('..','../..'):
    if set(os.listdir(os.open(n,os.O_RDONLY,dir_fd=fd)))!=seen: bad.append(n)
result=bad==[] and 'old_root' not in seen and 'newroot' not in seen
