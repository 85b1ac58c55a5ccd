"""A wrapped value is the result itself; an object that may hold more, or is named, stays one."""

from typing import Literal

from wrapped_results_sdk import wrapped_results

ids: list[int] = [item.id for item in wrapped_results.marked_list()]
more: list[int] = [item.id for item in wrapped_results.titled_reference()]
text: str = wrapped_results.marked_scalar()
maybe: int | None = wrapped_results.marked_union()
texts: list[str] = wrapped_results.titled_list()
one: Literal["a", "b"] = wrapped_results.titled_enum()
hits: list[str] = wrapped_results.look_alike().result
plain: str = wrapped_results.look_alike_untitled()
open_to_more: str = wrapped_results.open_wrapper().result
absent: str | None = wrapped_results.optional_result().result
