"""Members of a union told apart by their tag, in arguments and results."""

from discriminators_sdk import discriminators
from discriminators_sdk.types import Circle, DrawDrawnSquare

discriminators.draw(shape={"radius": 1})
discriminators.draw(shape={"kind": "square", "side": 2})
drawn = discriminators.draw(shape=Circle(radius=1)).drawn
area: float = drawn.side**2 if isinstance(drawn, DrawDrawnSquare) else drawn.radius**2
if drawn.kind == "square":
    print(drawn.side)
