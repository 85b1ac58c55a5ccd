# expected: mappings without number end in an error
# check: r['status'] in ('ok','error') or r['status'].startswith(('died','killed'))
import mmap
kept=[]
try:
    while len(kept)<200000: kept.append(mmap.mmap(-1,4096,prot=1 if len(kept)%2 else 3))
except (OSError,MemoryError): pass
result=True
