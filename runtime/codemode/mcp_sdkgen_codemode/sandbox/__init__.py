"""Boxes that LLM-written programs run in: the engines, and the choice of the safest that works."""

from .engine import Box as Box
from .engine import BoxSpec as BoxSpec
from .engine import Engine as Engine
from .engine import SandboxError as SandboxError
from .ladder import RungReport as RungReport
from .ladder import choose as choose
from .ladder import examine as examine
