# expected: a number that the host would not read is absent, and no breach of the protocol
# check: r['status']=='ok' and r['value'] is None and '4,300 digits' in r['stderr']
import sys
sys.set_int_max_str_digits(0)
result=10**100000
