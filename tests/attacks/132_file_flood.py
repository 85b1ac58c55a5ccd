# expected: files are limited by the host, not by our code in the sandbox
# check: r['status'].startswith(('killed: limit', 'died signal SIGXCPU'))
d='A'*400000
while True: tools.channel.notify('sandbox/file',{'name':'x','data':d,'more':True})
