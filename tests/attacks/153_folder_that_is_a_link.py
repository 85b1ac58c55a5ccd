# expected: what lies behind a link in the folder's place is of the sandbox, and no more than that
# check: r['status']=='ok' and not any('passwd' in n or n.startswith(('/','..')) for n in r['artifacts'])
import os
os.chdir('/tmp'); os.rmdir('/tmp/output'); os.symlink('/etc','/tmp/output')
result=True
