"""The connection stack; the only package that imports `mcp`."""
