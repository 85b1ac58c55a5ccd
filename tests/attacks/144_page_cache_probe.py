# expected: no read tells what is in the host's page cache; one without flags works
# check: r['status']=='ok' and r['value'] is True
import os
fd=os.open('/site/pydantic/__init__.py',os.O_RDONLY); b=bytearray(10)
result=os.preadv(fd,[b],0)==10
for f in (os.RWF_NOWAIT,os.RWF_HIPRI,0x40):
    try: os.preadv(fd,[b],0,f); result=False
    except OSError as e: result=result and e.errno==1
