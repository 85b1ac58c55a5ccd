"""Sandboxes that LLM-written programs run in: the engines, and the choice of the safest that
works."""

from .engines.engine import Engine as Engine
from .engines.engine import Sandbox as Sandbox
from .engines.engine import SandboxError as SandboxError
from .engines.engine import SandboxSpec as SandboxSpec
from .selection import EngineReport as EngineReport
from .selection import choose as choose
from .selection import examine as examine
