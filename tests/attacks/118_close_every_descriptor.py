# expected: without a channel there is no result, and no success
# check: r['status'].startswith('died')
import os
os.closerange(0,1024)
result=True
