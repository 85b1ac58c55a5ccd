"""Values that do not belong in a map."""

from maps_sdk import maps

maps.put(headers={"a": 1})  # error: dict-item
maps.put(headers={}, objects={"a": {"w": 1}})  # error: dict-item
maps.put(headers={}, lists={"a": "b"})  # error: dict-item
maps.put(headers={}, typeless={"b": "x"})  # error: arg-type
maps.put(headers={}).by_id["a"].w  # error: attr-defined
