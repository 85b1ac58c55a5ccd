"""Where servers are and how to log in to them: configuration files read into frozen values.

Reading never looks at the environment, never runs anything and never connects. Variables such as
`${TOKEN}` stay as they are written until `bind` replaces them at connection time.
"""

from .bind import Binding as Binding
from .bind import bind as bind
from .clients import CLIENTS as CLIENTS
from .clients import load_client as load_client
from .entry import Config as Config
from .entry import ServerConfig as ServerConfig
from .entry import Transport as Transport
from .read import is_configuration as is_configuration
from .read import load as load
from .read import nearest as nearest

__all__ = [
    "CLIENTS",
    "Binding",
    "Config",
    "ServerConfig",
    "Transport",
    "bind",
    "is_configuration",
    "load",
    "load_client",
    "nearest",
]
