# expected: the limit of processor time does not depend on a handler
# check: r['status'].startswith(('died','killed'))
import signal
for s in range(1,65):
    try: signal.signal(s,signal.SIG_IGN)
    except (OSError,ValueError): pass
while True: pass
