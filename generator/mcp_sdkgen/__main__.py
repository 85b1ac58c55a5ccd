"""`python -m mcp_sdkgen` is `mcp-sdkgen`."""

from .cli import main

if __name__ == "__main__":
    raise SystemExit(main())
