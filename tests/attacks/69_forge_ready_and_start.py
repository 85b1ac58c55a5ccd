# expected: control frames from the sandbox are rejected
# check: r['status'].startswith('killed: protocol')
tools.channel.notify('sandbox/run', {'program':'x','limits':{}})
import time; time.sleep(30)
