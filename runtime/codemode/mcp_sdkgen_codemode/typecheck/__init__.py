"""Is a program right? Asked before it runs, answered in milliseconds by a warm mypy."""

from .checker import Checker as Checker
from .checker import typecheck as typecheck
