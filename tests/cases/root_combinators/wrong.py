"""What every alternative requires is required."""

from root_combinators_sdk import root_combinators

root_combinators.one_of(x=1)  # error: call-arg
root_combinators.one_of(kind="c")  # error: arg-type
root_combinators.all_of(id="a")  # error: call-arg
root_combinators.any_of(id="1")  # error: arg-type
root_combinators.result_one_of().value  # error: union-attr
