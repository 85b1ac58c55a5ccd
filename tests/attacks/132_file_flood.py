# expected: files are limited by the host, not by our code in the box
# check: r['status'].startswith('killed: limit')
d='A'*400000
while True: tools.door.notify('box/file',{'name':'x','data':d,'more':True})
