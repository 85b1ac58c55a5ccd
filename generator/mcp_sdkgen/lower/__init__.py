"""Lowering: a snapshot becomes decisions. Nothing after this ever sees a JSON Schema."""

from .server import FIRST_VERSION as FIRST_VERSION
from .server import Lowered as Lowered
from .server import lower as lower
from .server import pinned_classes as pinned_classes
from .typed import TypedDraft as TypedDraft
