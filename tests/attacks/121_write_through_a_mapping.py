# expected: a mapping of a file that may only be read cannot be written
# check: r['status']=='ok' and r['value'] is True
import mmap, os
bad=[]
for p in ('/runtime/bin/python','/guest/stage2.bpf','/site/pydantic/__init__.py'):
    fd=os.open(p,os.O_RDONLY)
    try: mmap.mmap(fd,0,mmap.MAP_SHARED,mmap.PROT_READ|mmap.PROT_WRITE); bad.append(p)
    except OSError: pass
    for f in (lambda: os.ftruncate(fd,0), lambda: os.fchmod(fd,0o777), lambda: os.utime(p)):
        try: f(); bad.append(p)
        except OSError: pass
result=bad==[]
