"""Members of no tuple, and tuples that are too short or too long."""

from typed_tuples_sdk import typed_tuples

typed_tuples.plot(point=("a", 1))  # error: arg-type
typed_tuples.plot(point=(1,))  # error: arg-type
typed_tuples.plot(point=(1, 2, 3))  # error: arg-type
typed_tuples.plot(point=(1, 2), open=("a", "b"))  # error: arg-type
typed_tuples.plot(point=(1, 2), objects=({"c": 1}, []))  # error: arg-type
typed_tuples.plot(point=(1, 2)).corner[2]  # error: misc
typed_tuples.tuple_().tuple_[2]  # error: misc
