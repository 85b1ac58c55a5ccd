# expected: a result that has no JSON form is absent
# check: r['status']=='ok' and r['value'] is None
result=object()
