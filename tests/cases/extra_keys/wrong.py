"""Only declared keys are attributes."""

from extra_keys_sdk import extra_keys

extra_keys.get_order(id="1").anything  # error: attr-defined
