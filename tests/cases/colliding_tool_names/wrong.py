"""Each has the arguments of its own."""

from colliding_tool_names_sdk import colliding_tool_names as server

server.get_user(id=1)  # error: arg-type
server.get_user_x5d95(id="a")  # error: arg-type
server.getUser(user="a")  # error: attr-defined
