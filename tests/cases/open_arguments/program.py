"""Arguments that the schema allows without naming them, under their wire names."""

from open_arguments_sdk import open_arguments

open_arguments.any_more(a="x", extra={"anything": [1]})
open_arguments.integers(a="x", extra={"n": 1})
open_arguments.patterned(extra={"x-a": "b"})
open_arguments.objects(extra={"o": {"v": 1}})
open_arguments.only_extra(extra={"l": ["a"]})
open_arguments.taken(extra="x", extra_={"b": True})
open_arguments.closed(a="x")
