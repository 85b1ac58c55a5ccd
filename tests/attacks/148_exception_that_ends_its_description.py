# expected: an exception that raises when it is looked at is an error, and no silent end
# check: r['status']=='error' and 'cannot be described' in r['error']
class M(type):
    @property
    def __name__(cls): raise SystemExit(0)
class X(Exception,metaclass=M): pass
raise X('x')
