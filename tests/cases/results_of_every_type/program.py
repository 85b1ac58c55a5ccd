"""A result may be any JSON value."""

from typing import Literal

from results_of_every_type_sdk import results_of_every_type as server

text: str = server.get_string()
whole: int = server.get_integer()
number: float = server.get_number()
truth: bool = server.get_boolean()
nothing: None = server.get_null()  # type: ignore[func-returns-value]
texts: list[str] = server.get_list()
ids: list[int] = [item.id for item in server.get_list_of_objects()]
counts: dict[str, int] = server.get_map()
state: Literal["on", "off"] = server.get_enum()
found = server.get_nullable_object()
print(found.id if found else None, server.get_free_object()["any"], server.get_any().thing)
print(server.get_nothing_declared().text, server.get_nothing_declared().json())
