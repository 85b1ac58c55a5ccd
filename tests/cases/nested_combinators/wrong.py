"""Values that fit no branch."""

from nested_combinators_sdk import nested_combinators

call = nested_combinators.set
call(id=[1])  # error: arg-type
call(target={"uri": "u"})  # error: arg-type
call(merged={"a": "x"})  # error: arg-type
call(choice={"y": 1})  # error: arg-type
call(enums="c")  # error: arg-type
call(impossible=1)  # error: call-arg
