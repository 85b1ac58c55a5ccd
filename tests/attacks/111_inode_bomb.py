# expected: empty files cannot fill the memory of the kernel
# check: r['status'].startswith('killed') or r['status'].startswith('died')
import os
os.chdir('/tmp'); n=0
while True:
    os.mkdir(f'd{n}')
    for i in range(1000): os.close(os.open(f'd{n}/{i}',os.O_CREAT))
    n+=1
