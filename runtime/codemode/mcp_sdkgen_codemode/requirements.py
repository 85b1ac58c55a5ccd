"""What installed distributions require."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import metadata

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import NormalizedName, canonicalize_name


def canonical(name: str) -> NormalizedName:
    """A distribution's name in the form of PEP 503."""
    return canonicalize_name(name)


def required(distribution: metadata.Distribution) -> Iterator[NormalizedName]:
    """The names of what a distribution requires on this machine, by PEP 508.

    Extras are not followed, and a line that is no requirement, as old packages have, is passed
    over.
    """
    for line in distribution.requires or ():
        try:
            found = Requirement(line)
        except InvalidRequirement:
            continue
        if found.marker is None or found.marker.evaluate({"extra": ""}):
            yield canonical(found.name)
