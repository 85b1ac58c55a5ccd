"""Fields under their Python names; dicts under the server's."""

from odd_fields_sdk import odd_fields
from odd_fields_sdk.types import PutRecord

found = odd_fields.get()
texts: list[str] = [found.list_, found.import_, found.a_b_xd443]
maybe: list[str | None] = [found.schema_, found.json_, found.ref, found.self, found.名前, found.field]
odd_fields.put(record={"import_": 1, "a_b_xd443": 2, "a_b": 3, "class_": 4, "mangled": 5})
record: PutRecord = odd_fields.put(record=PutRecord(import_=1, a_b_xd443=2, class_=4)).record
number: int = odd_fields.annotations().int_
names: list[str] = odd_fields.annotations().list_
