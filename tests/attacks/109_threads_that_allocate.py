# expected: memory is limited for all threads together
# check: r['status']!='ok' or r['value'] is True
import threading
kept=[]; failed=[]
def f():
    try:
        while len(kept)<2000: kept.append(bytearray(1<<20))
    except MemoryError: failed.append(1)
ts=[threading.Thread(target=f,daemon=True) for _ in range(16)]
for t in ts: t.start()
for t in ts: t.join()
result=len(kept)<2000
