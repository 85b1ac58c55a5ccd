# expected: control frames from the box are rejected
# check: r['status'].startswith('killed: protocol')
tools.door.notify('box/run', {'program':'x','limits':{}})
import time; time.sleep(30)
