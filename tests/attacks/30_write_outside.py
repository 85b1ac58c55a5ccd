# expected: every path but /tmp is read-only or absent
# check: r['status']=='ok' and r['value'] is True
import os
bad=[]
for p in ('/x','/runtime/x','/site/x','/guest/x','/usr/x','/lib64/x','/dev/x','/site/pydantic/__init__.py','/guest/boot.py','/runtime/lib/python3.11/os.py','/etc/x','/proc/x'):
    try: open(p,'ab').close(); bad.append(p)
    except OSError: pass
print(bad)
result = bad==[]
