"""Members of no tuple."""

from tuples_sdk import tuples

tuples.plot(point=["a", 1])  # error: list-item
tuples.plot(point=[1, 2], typed_rest="ab")  # error: arg-type
tuples.plot(point=[1, 2], of_objects=[{"c": 1}])  # error: list-item
tuples.plot_old(closed=[None])  # error: list-item
