"""Tuples are lists of any of their members."""

from tuples_sdk import tuples

corners: list[float | str] = tuples.plot(point=(1, 2.5), typed_rest=["a", True])
tuples.plot(point=[1, 2], of_objects=[{"a": "x"}, {"b": 1}], contains=[1, "a"])
tuples.plot_old(pair=["a", 1, None], closed=["a", 1], rest=["a", 1])
