"""A default of a wrong type does not widen the type."""

from defaults_sdk import defaults

defaults.list_issues(limit="ten")  # error: arg-type
defaults.list_issues(state="all")  # error: arg-type
total: int = defaults.list_issues().total  # error: assignment
