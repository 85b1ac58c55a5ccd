"""Each result has its own type, and no other."""

from results_of_every_type_sdk import results_of_every_type as server

server.get_string().id  # error: attr-defined
server.get_list_of_objects()[0].name  # error: attr-defined
server.get_nullable_object().id  # error: union-attr
server.get_map()["a"].lower()  # error: attr-defined
server.get_nothing_declared().id  # error: attr-defined
