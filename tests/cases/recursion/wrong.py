"""Mistakes deep inside recursive values."""

from recursion_sdk import recursion

recursion.set_tree(root={"value": 1, "children": [{"value": "2"}]})  # error: arg-type
recursion.set_tree(root={"value": 1, "childs": []})  # error: arg-type
recursion.set_tree(root={"children": []})  # error: arg-type
recursion.set_graph(person={"name": "Ada", "owns": [{"name": 1}]})  # error: arg-type
recursion.set_self(name="a", child={"nam": "b"})  # error: arg-type
recursion.set_tree(root={"value": 1}).root.child  # error: attr-defined
recursion.get_thread().first.text  # error: union-attr
