# expected: the other stream is capped as well
# check: len(r['stderr'])<200000 and (r['trunc'][2] or r['killed'])
import sys
while True: sys.stderr.write('E'*65536)
