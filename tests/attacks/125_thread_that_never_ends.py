# expected: an ordinary thread is waited for, until the time is up
# check: r['status'].startswith('killed: wall')
import threading, time
threading.Thread(target=time.sleep,args=(3600,)).start()
result=True
