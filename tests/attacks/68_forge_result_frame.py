# expected: a result frame sent early is just a result; the run ends and later frames are ignored
# check: r['status']=='ok' and r['value']=='forged' and r['calls']==[]
tools.channel.notify('sandbox/result', {'status':'finished','value':'forged'})
import time; time.sleep(0.5)
tools.call('add',a=1,b=1)
