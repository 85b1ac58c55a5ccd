# expected: buffers of the kernel are limited by the descriptors
# check: r['status'] in ('ok','error')
import os, socket, fcntl
kept=[]
try:
    while True:
        r,w=os.pipe(); os.set_blocking(w,False); kept.append((r,w))
        try: fcntl.fcntl(w,1031,1<<20)
        except OSError: pass
        try:
            while True: os.write(w,b'x'*65536)
        except BlockingIOError: pass
except OSError: pass
result=len(kept)<64
