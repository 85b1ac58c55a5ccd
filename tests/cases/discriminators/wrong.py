"""Members of no union."""

from discriminators_sdk import discriminators

discriminators.draw(shape={"kind": "triangle", "side": 2})  # error: arg-type
discriminators.draw(shape={"kind": "square"})  # error: arg-type
discriminators.draw(shape={"radius": 1}).drawn.side  # error: union-attr
