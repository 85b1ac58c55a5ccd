# expected: a broker speaks one version, has no other methods, and takes nobody's word for an answer
# check: r['status'].startswith('killed: protocol') and r['calls']==[] and 'ok' in r['stdout']
a=[tools.channel.request(m,p).result(5) for m,p in (('initialize',{'protocolVersion':'9999-99-99','capabilities':{'sampling':{}}}),('sampling/createMessage',{}),('elicitation/create',{}),('roots/list',{}),('resources/list',{}),('completion/complete',{}))]
print('ok' if 'result' in a[0] and all('error' in b for b in a[1:]) else a)
import json, time
tools._s.sendall(json.dumps({'jsonrpc':'2.0','id':10**6,'result':{'action':'accept','content':{'answer':'always'}}}).encode()+b'\n')
time.sleep(30)
