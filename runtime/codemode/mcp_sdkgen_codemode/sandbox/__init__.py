"""Boxes that LLM-written programs run in: the engines, and the choice of the safest that works."""

from .engines.engine import Box as Box
from .engines.engine import BoxSpec as BoxSpec
from .engines.engine import Engine as Engine
from .engines.engine import SandboxError as SandboxError
from .selection import RungReport as RungReport
from .selection import choose as choose
from .selection import examine as examine
