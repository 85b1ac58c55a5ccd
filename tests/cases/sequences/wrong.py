"""A lone string is no sequence of strings."""

from sequences_sdk import sequences

sequences.tag(names="abc")  # error: arg-type
sequences.tag(names=["a", 1])  # error: list-item
sequences.tag(names=[], matrix=[["a"]])  # error: list-item
sequences.tag(names=[], items=[{"nam": "a"}])  # error: list-item
sequences.tag(names=[], items={"name": "a"})  # error: arg-type
sequences.tag(names=[], anything="abc")  # error: arg-type
