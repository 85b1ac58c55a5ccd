# expected: closed outputs do not hold the result back
# check: r['status']=='ok' and r['value'] is True
import os
os.close(1); os.close(2)
result=True
