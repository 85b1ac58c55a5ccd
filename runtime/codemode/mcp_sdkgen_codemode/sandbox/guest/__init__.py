"""What runs inside a sandbox. The standard library, pydantic and our runtime are all it has."""
