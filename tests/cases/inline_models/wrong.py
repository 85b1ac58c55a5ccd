"""Wrong dicts at every depth."""

from inline_models_sdk import inline_models

inline_models.move(from_={"x": 0}, to={"x": 0, "y": 0})  # error: arg-type
inline_models.query(filters=[{"field": "a", "operator": "like"}])  # error: list-item
inline_models.query(filters=[{"field": "a", "op": "eq"}])  # error: list-item
inline_models.query(series=[[{"w": 1}]])  # error: list-item
inline_models.query().legs  # error: attr-defined
