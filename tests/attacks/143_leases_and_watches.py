# expected: a file that other sandboxes read can be neither leased (who opens it would wait) nor watched
# check: r['status']=='ok' and r['value'] is True
import fcntl, os
bad=[]
for p in ('/site/pydantic','/site/pydantic/__init__.py'):
    fd=os.open(p,os.O_RDONLY)
    for c,v in ((1024,0),(1024,1),(1026,1),(1026,0x80000001),(8,1),(10,10),(15,0),(1033,1),(1036,0)):
        try: fcntl.fcntl(fd,c,v); bad.append((p,c))
        except OSError as e:
            if e.errno!=1: bad.append((p,c,e.errno))
print(bad)
result=bad==[]
