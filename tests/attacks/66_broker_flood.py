# expected: call quota ends the run
# check: r['status'].startswith('killed: limit: quota')
while True: tools.call('add',a=1,b=1)
