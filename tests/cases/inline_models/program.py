"""Objects that the server never named, as dicts and as models."""

from inline_models_sdk import inline_models
from inline_models_sdk.types import MoveFrom

there = MoveFrom(x=1, y=2)
result = inline_models.move(from_={"x": 0, "y": 0}, to=there, path=[{"at": there, "speed": 3}])
inline_models.move(from_=there, to=result.legs[-1].start)
inline_models.query(filters=[{"field": "a", "operator": "eq", "value": None}], data=[{"id": 1}])
