# expected: a sparse file is limited as a full one is
# check: r['status']=='ok' and r['value'] is True
result=False
try:
    with open('sparse','wb') as f: f.truncate(1<<40)
except OSError: result=True
