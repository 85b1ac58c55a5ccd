# expected: a frame that only grows is refused before it is buffered
# check: r['status'].startswith('killed: limit')
while True: tools._s.sendall(b'A'*65536)
