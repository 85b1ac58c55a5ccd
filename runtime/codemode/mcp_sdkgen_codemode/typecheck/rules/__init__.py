"""The own rules of the check, beside what mypy finds."""
