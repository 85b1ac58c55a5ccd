"""Maps of scalars, of models and of lists."""

from maps_sdk import maps
from maps_sdk.types import PutObjectsValue

result = maps.put(headers={"a": "b"}, nested={"a": {"b": 1}}, lists={"a": ["b"]}, free={"a": [1]})
maps.put(headers={}, objects={"a": {"v": 1}, "b": PutObjectsValue(v=2)}, two={"s": "a", "i": 1})
total: int = sum(value.v for value in result.by_id.values())
