# expected: execve of anything refused (no subprocess)
# check: r['status']=='ok' and r['value'] is True
import os, subprocess, sys
bad=0
for c in (['/bin/sh','-c','id'],['/runtime/bin/python','-c','1'],['/lib64/ld-linux-x86-64.so.2','/runtime/bin/python','-c','1']):
    try: subprocess.run(c,timeout=2); bad+=1
    except OSError: pass
try: os.system('id'); 
except OSError: pass
result = bad==0
