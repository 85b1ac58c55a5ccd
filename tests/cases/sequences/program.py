"""Lists, tuples and lists of narrower types all pass for sequences."""

from sequences_sdk import sequences
from sequences_sdk.types import TagItem

models: list[TagItem] = [TagItem(name="a")]
names: tuple[str, ...] = ("a", "b")
sequences.tag(names=names, matrix=[(1, 2), [3]], items=models, either="a", values=["a", 1.5])
sequences.tag(names=[], items=[{"name": "a"}, TagItem(name="b")], either=["a"], anything=[1, None])
