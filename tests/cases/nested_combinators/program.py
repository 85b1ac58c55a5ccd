"""Unions, merged objects and conditions inside arguments."""

from nested_combinators_sdk import nested_combinators
from nested_combinators_sdk.types import SetTargetByURL

call = nested_combinators.set
call(id="a", ids=["a", 1, ["b"]], target={"url": "u"}, merged={"a": "x", "b": 1})
call(id=1, target=SetTargetByURL(url="u"), choice={"common": "c", "y": 1}, narrow=1)
call(target="t", conditional={"a": "x", "b": "only where a is x"}, nested_any=None, not_string=[1])
call(enum_or_text="other", enums="b", array_or_item={"k": "a"}, one_branch="x")
call(array_or_item=[{"k": "a"}], nested_any=True, typed_any="2026-01-02")
nested_combinators.base_clash(a={"x": 1, "k": "p"}, b={"y": 1, "k": "q"})
nested_combinators.meet_clash(a={"p": {"w": 1, "x": 1}}, b={"p": {"w": 1, "y": "a"}})
nested_combinators.mixed_required(v={"c": 1, "b": "text"}, w={"zz": [1]})
nested_combinators.two_groups(w={"id": 1, "m": "x", "a": "text"})
nested_combinators.root_two_groups(a=1, b="y", c=2)
nested_combinators.many_groups(w={"a0": 1, "b4": 2})
