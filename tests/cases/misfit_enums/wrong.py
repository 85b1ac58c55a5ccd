"""The values of an enum on a list are those of its items."""

from misfit_enums_sdk import misfit_enums as server

server.turn(axes=0)  # error: arg-type
server.turn(axes=[2])  # error: list-item
