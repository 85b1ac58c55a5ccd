# expected: no hard link out of ro mounts, chmod +s has no effect
# check: r['status']=='ok' and r['value'] is True
import os
a=False
try: os.link('/runtime/bin/python','/tmp/py'); a=True
except OSError: pass
open('/tmp/s','w').write('#!/runtime/bin/python'); b=False
try: os.chmod('/tmp/s',0o6755)
except OSError: pass
try: os.execv('/tmp/s',['s']); b=True
except OSError: pass
result = not a and not b
