"""Arguments of the wrong type, or where none are allowed."""

from open_arguments_sdk import open_arguments

open_arguments.any_more(a="x", b=1)  # error: call-arg
open_arguments.integers(extra={"n": "1"})  # error: dict-item
open_arguments.objects(extra={"o": {"w": 1}})  # error: dict-item
open_arguments.only_extra(extra={"l": "a"})  # error: dict-item
open_arguments.closed(a="x", extra={})  # error: call-arg
open_arguments.unsaid(a="x", extra={})  # error: call-arg
