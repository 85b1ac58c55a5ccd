"""An array with a type for each of its items is a tuple, as long as it is said to be."""

from typing import assert_type

from typed_tuples_sdk import typed_tuples
from typed_tuples_sdk.types import PlotObject1

result = typed_tuples.plot(
    point=(1, 2.5),
    open=("a", True, False),
    shorter=("a",),
    any_rest=("a", 1, None),
    objects=({"a": "x"}, [{"b": 1}]),
    nullable=None,
    nested=[(1, ("a", 2, 3))],
)
typed_tuples.plot(point=(1, 2), objects=(PlotObject1(a="x"), []))
assert_type(result.corner, tuple[float, str])
first, *rest = result.path
assert_type(first, str)
assert_type(result.by_name["x"][1], int)
name, number = typed_tuples.plot_old(pair=("a", 1, None), closed=("a", 1), rest=("a", 1, 2))
assert_type(number, int)

part = typed_tuples.tuple_(tuple=("a", 1), part={"tuple_": ("a", 1), "after": ("b", 2)})
assert_type(part.tuple_, tuple[str, int])
assert_type(part.after, tuple[str, int])
assert_type(typed_tuples.zip(), tuple[str, int])
