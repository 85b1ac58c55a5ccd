# expected: anonymous shared memory counts against the limit
# check: r['status']=='error' or r['status'].startswith(('died','killed')) or r['value'] is True
import mmap
kept=[]
try:
    while len(kept)<64:
        m=mmap.mmap(-1,32<<20); kept.append(m)
        for i in range(0,32<<20,4096): m[i]=1
    result=False
except (OSError,MemoryError): result=True
