"""None is null where the schema has null, and means "leave it out" where it has not."""

from mcp_sdkgen_runtime import OMIT
from nullable_arguments_sdk import nullable_arguments
from nullable_arguments_sdk.types import UpdatePatch

result = nullable_arguments.update(required="a", required_nullable=None)
nullable_arguments.update(required="a", required_nullable="b", optional=None, optional_nullable=None)
nullable_arguments.update(required="a", required_nullable="b", optional_nullable=OMIT, any_of_null=1)
nullable_arguments.update(required="a", required_nullable="b", openapi=None, openapi_enum="a")
nullable_arguments.update(required="a", required_nullable="b", list_null=["x", None])
nullable_arguments.update(required="a", required_nullable="b", patch={"name": None, "note": None})
nullable_arguments.update(required="a", required_nullable="b", patch=UpdatePatch(name="x", age=3))
name: str | None = result.name
note: str | None = result.note
