# expected: parsers that recurse in C end in an error or in the sandbox
# check: r['status']=='error' or r['status'].startswith(('died','killed')) or r['value'] is True
import json, ast, pickle, re
n=10**6
for f in (lambda: json.loads('['*n), lambda: ast.parse('('*n), lambda: compile('-'*n+'1','x','eval'), lambda: re.compile('('*n), lambda: pickle.loads(b'('*n)):
    try: f()
    except Exception: pass
result=True
