"""Wrappers are gone, and look-alikes are not."""

from wrapped_results_sdk import wrapped_results

wrapped_results.marked_list().result  # error: attr-defined
wrapped_results.marked_scalar() + 1  # error: operator
len(wrapped_results.look_alike())  # error: arg-type
