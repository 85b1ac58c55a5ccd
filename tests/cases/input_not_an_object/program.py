"""Tools whose arguments nobody describes take them all in one mapping, by wire name."""

from input_not_an_object_sdk import input_not_an_object as server

server.no_schema(arguments={"a": 1})
server.no_schema()
server.empty_schema(arguments={"a": [1]})
server.typeless(a="x")
server.type_list(a="x")
server.by_reference(city="Austin")
server.typed_only()
