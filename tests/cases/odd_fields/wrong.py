"""Wire names where Python names belong, and keys that are missing."""

from odd_fields_sdk import odd_fields
from odd_fields_sdk.types import PutRecord

odd_fields.put(record={"import": 1, "a_b_xd443": 2})  # error: arg-type
odd_fields.put(record={"import_": 1, "a_b": 2})  # error: arg-type
PutRecord(import_=1)  # error: call-arg
odd_fields.get().nothing  # error: attr-defined
odd_fields.annotations().any_  # error: attr-defined
