"""The generator's own settings, other programs' files, and `install`.

What entries, variables and trust mean is the runtime's to say (`mcp_sdkgen_runtime.config`), so
that what a build starts is what an SDK starts. Reading never looks at the environment, never runs
anything and never connects: variables such as `${TOKEN}` stay as they are written until `bind`.
"""

from mcp_sdkgen_runtime.config.entry import ServerConfig as ServerConfig
from mcp_sdkgen_runtime.config.entry import Transport as Transport
from mcp_sdkgen_runtime.config.mcp_json import is_configuration as is_configuration

from .clients import CLIENTS as CLIENTS
from .clients import load_client as load_client
from .settings import Config as Config
from .settings import bind as bind
from .settings import check_name as check_name
from .settings import folder_of as folder_of
from .settings import load as load
from .settings import nearest as nearest
from .settings import project_folder as project_folder
from .settings import read as read
from .settings import with_secrets as with_secrets

__all__ = [
    "CLIENTS",
    "Config",
    "ServerConfig",
    "Transport",
    "bind",
    "check_name",
    "folder_of",
    "is_configuration",
    "load",
    "load_client",
    "nearest",
    "project_folder",
    "read",
    "with_secrets",
]
