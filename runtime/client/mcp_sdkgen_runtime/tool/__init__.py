"""A tool of a generated SDK: its descriptor, and encoding and decoding of its calls."""
