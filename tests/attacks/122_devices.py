# expected: three devices, and no way to make one
# check: r['status']=='ok' and r['value'] is True
import os
bad=[d for d in os.listdir('/dev') if d not in ('null','zero','urandom')]
for make in (lambda: os.mknod('/tmp/m',0o20666,os.makedev(1,1)), lambda: os.mkfifo('/tmp/f')):
    try: make(); bad.append('made')
    except OSError: pass
result=bad==[]
