"""Every one of the colliding tools can be called."""

from colliding_tool_names_sdk import colliding_tool_names as server

server.get_user(id="a")
server.get_user_x5d95(id=1)
server.get_user_xe28e(user="a")
server.get_user_x9c02()
server.get_user_x624c()
