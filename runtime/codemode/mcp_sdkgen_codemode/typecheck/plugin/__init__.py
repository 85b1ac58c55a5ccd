"""What the check tells mypy that Python types cannot say."""
