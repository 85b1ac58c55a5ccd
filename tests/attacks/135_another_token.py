# expected: a call with a token that is not the run's ends it
# check: r['status'].startswith('killed: protocol') and r['calls']==[]
tools.channel.token='guessed'
tools.call('add',a=1,b=2)
