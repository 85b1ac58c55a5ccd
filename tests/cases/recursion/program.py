"""Recursive arguments and results, nested as deep as one likes."""

from recursion_sdk import recursion
from recursion_sdk.types import Node

tree = recursion.set_tree(root={"value": 1, "children": [{"value": 2}, Node(value=3, children=[])]})
values: list[int] = [node.value for node in tree.root.children or []]
pet = recursion.set_graph(person={"name": "Ada", "owns": [{"name": "Rex", "owner": None}]})
owner_of_owner: str | None = pet.owner.name if pet.owner else None
recursion.set_json(value=[1, {"a": None}, [True]], nested=[[[]]])
recursion.set_json(value=None)
recursion.set_self(name="a", child={"name": "b", "child": {"name": "c"}})
recursion.set_by_pointer(menu={"title": "File", "items": [{"title": "Open"}]})
thread = recursion.get_thread()
texts: list[str] = [reply.text for reply in thread.replies or []]
recursion.set_filter(where={"and_": [{"not_": {"field": "a", "in_": None}}, {"field": "b"}]})
recursion.set_maybe(b={"again": {"again": "x"}}, a="y")
