"""An enum that no value of its type can meet has a type that can be called."""

from misfit_enums_sdk import misfit_enums as server

first = server.turn(axes=[0, 1], bare=["a"], maybe=None, other_items="b", level="1", name=2)[0]
assert first == 0
