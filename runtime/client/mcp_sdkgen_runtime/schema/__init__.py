"""JSON Schema at run time: validation, patterns, compatibility."""
