# expected: news without end is no call, and ends with the run
# check: r['status'].startswith(('killed', 'died signal SIGXCPU')) and r['calls']==[]
while True: tools.channel.notify('sandbox/progress',{'progress':1,'message':'x'*1000})
