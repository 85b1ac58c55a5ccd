"""None where the schema has no null."""

from nullable_arguments_sdk import nullable_arguments

update = nullable_arguments.update
update(required="a")  # error: call-arg
update(required=None, required_nullable=None)  # error: arg-type
update(required="a", required_nullable=None, openapi_enum="c")  # error: arg-type
update(required="a", required_nullable=None, patch={"age": 1})  # error: arg-type
update(required="a", required_nullable=None, patch={"name": "x", "age": None})  # error: arg-type
length: int = len(update(required="a", required_nullable=None).name)  # error: arg-type
