"""Alternatives at the root become optional arguments."""

from root_combinators_sdk import root_combinators
from root_combinators_sdk.types import ResultOneOfWithValue

root_combinators.any_of(id=1)
root_combinators.any_of(name="a", exact=True, verbose=False)
root_combinators.one_of(kind="b", y="c")
root_combinators.all_of(id="a", extra=1)
root_combinators.required_choice(name="a")
root_combinators.conditional(mode="slow", patience=3)
root_combinators.dependent(amount=1, card="c", address="a", cvc="123")
result = root_combinators.result_one_of()
print(result.value if isinstance(result, ResultOneOfWithValue) else result.error)
if result.ok:
    print(result.value)
print(root_combinators.result_all_of().id, root_combinators.result_all_of().name)
