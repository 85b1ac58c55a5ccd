# expected: the channel tells nothing of the host's process, and the kernel compiles no filter for it
# check: r['status']=='ok' and r['value'] is True
import ctypes, socket, struct
bad=[]
for o in (17,18,26,28,31,55,56,59,77):
    try: tools._s.getsockopt(1,o,64); bad.append(('get',o))
    except OSError: pass
f=ctypes.create_string_buffer(struct.pack('HBBI',6,0,0,0xffff))
for o,v in ((26,struct.pack('HxxxxxxQ',1,ctypes.addressof(f))),(50,4),(16,1),(42,1),(34,1),(12,1),(46,50),(60,1)):
    try: socket.socketpair()[0].setsockopt(1,o,v); bad.append(('set',o))
    except OSError as e:
        if e.errno!=1: bad.append(('set',o,e.errno))
print(bad)
result=bad==[] and tools._s.getsockopt(1,3)==1
