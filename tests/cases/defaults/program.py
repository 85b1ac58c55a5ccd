"""Defaults are the server's, so every argument is optional and none has another type for it."""

from defaults_sdk import defaults

result = defaults.list_issues()
defaults.list_issues(state="closed", limit=3, labels=("a",), page={}, ratio=1)
state: str | None = result.state
