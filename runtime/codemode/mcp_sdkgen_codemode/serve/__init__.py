"""Code mode as an MCP server, over stdio and streamable HTTP. Importing it imports `mcp`."""

from mcp.server.mcpserver import MCPServer as MCPServer

from .http import Endpoint as Endpoint
from .http import serve_http as serve_http
from .http import serve_unix_socket as serve_unix_socket
from .provider import Prepare as Prepare
from .server import code_mode as code_mode
from .suspension import Suspension as Suspension
