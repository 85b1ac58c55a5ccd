# expected: a forged name of a file is refused
# check: r['status'].startswith('killed: protocol')
tools.channel.notify('sandbox/file',{'name':'../../etc/cron.d/x','data':'','more':False})
import time; time.sleep(30)
