"""The protocol itself, spoken without `mcp`, which takes most of a second to import."""
