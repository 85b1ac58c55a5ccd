# expected: a program that breaks what our code stands on breaks only its own run
# check: r['status']!='ok'
import json, sys, os, builtins
def no(*a,**k): raise SystemExit
json.dumps=no; builtins.len=no; sys.stdout=None; os._exit=no; builtins.isinstance=no
result=1
