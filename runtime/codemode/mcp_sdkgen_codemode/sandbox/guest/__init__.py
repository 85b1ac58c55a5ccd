"""What runs inside a box. The standard library, pydantic and our runtime are all it has."""
