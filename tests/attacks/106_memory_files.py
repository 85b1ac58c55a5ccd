# expected: memory that lives in files without a name is refused
# check: r['status']=='ok' and r['value'] is True
import os
try: os.memfd_create('x'); result=False
except OSError: result=True
