# expected: a group in a group in a group is told as any other error
# check: r['status']=='error' and r['error'].startswith('ExceptionGroup')
e=Exception('x')
for i in range(100000): e=ExceptionGroup('g',[e])
raise e
