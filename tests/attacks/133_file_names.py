# expected: a forged name of a file is refused
# check: r['status'].startswith('killed: protocol')
tools.door.notify('box/file',{'name':'../../etc/cron.d/x','data':'','more':False})
import time; time.sleep(30)
