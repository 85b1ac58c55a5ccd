# expected: many small objects end at the limit as few large ones do
# check: r['status']=='error' or r['status'].startswith(('died','killed'))
kept=[]
while True: kept.append(bytes(100)); kept.append({}); kept.append([len(kept)])
