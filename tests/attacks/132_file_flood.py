# expected: files are limited by the host, not by our code in the box
# check: r['status'].startswith(('killed: limit', 'died signal SIGXCPU'))
d='A'*400000
while True: tools.door.notify('box/file',{'name':'x','data':d,'more':True})
