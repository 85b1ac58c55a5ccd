"""Where a schema describes an object, its arguments are keywords."""

from input_not_an_object_sdk import input_not_an_object as server

server.no_schema(a=1)  # error: call-arg
server.typeless()  # error: call-arg
server.by_reference(city=1)  # error: arg-type
server.typed_only(arguments={})  # error: call-arg
