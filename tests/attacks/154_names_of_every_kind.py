# expected: names that would be commands, devices, escapes or other paths elsewhere do not come back
# check: r['status']=='ok' and sorted(r['artifacts'])==['a/ok','nul.txt~'] and '\x1b' not in r['stderr']
import os
for n in (b'\xff\xfe',b'a:b',b'a\\b',b'a\nb',b'a\tb','\u202egnp.exe'.encode(),'x\u200b'.encode(),b'.bashrc',b'\x1b[2J',b'a'*255,b'nul.txt~'):
    with open(n,'w') as f: f.write('x')
os.mkdir('a'); os.mkdir('.git'); os.symlink('/dev/zero','a/z'); os.symlink('loop','loop'); os.mkdir('a/b\x1b')
for n in ('a/ok','.git/config','a/b\x1b/x'):
    with open(n,'w') as f: f.write('x')
os.makedirs('/'.join(['d']*40)); open('d/'*40+'x','w').close()
result=True
