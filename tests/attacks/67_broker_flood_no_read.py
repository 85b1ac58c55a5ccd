# expected: pipelined calls without reading replies: host buffers stay bounded
# check: r['status'].startswith('killed')
import json
n=0
while True:
    n+=1
    tools._s.sendall(json.dumps({'jsonrpc':'2.0','id':n,'method':'tools/call','params':{'name':'echo','arguments':{'x':'A'*60000},'_meta':{'mcp-sdkgen/server':'calc','mcp-sdkgen/token':tools.channel.token}}}).encode()+b'\n')
