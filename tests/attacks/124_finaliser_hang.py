# expected: what happens when objects die cannot hold the result back
# check: r['status']=='ok' and r['value'] is True
import time, weakref
class E:
    def __del__(self): time.sleep(600)
class F: pass
e=E(); f=F(); weakref.finalize(f,time.sleep,600)
result=True
