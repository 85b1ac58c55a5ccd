"""Keys that the schema leaves open are kept, and read where a model keeps what it does not know."""

from extra_keys_sdk import extra_keys

order = extra_keys.get_order(id="1")
extra: dict[str, object] | None = order.model_extra
colour: str | None = order.labels.colour if order.labels else None
