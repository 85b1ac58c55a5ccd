"""Made-up tasks with a fan-out: look at the first N products of the shop, report one number.

The public tasks have at most a dozen reads each. These show what happens when one question needs
many, with one server of theirs and its real data. Programs are written here, since a loop cannot
be had from a list of calls.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from .compose import Program
from .tasks import Call, Task, Turn

SIZES = (1, 2, 5, 10, 20, 50)
SUITE = "sweep"

LOOK = """\
from retail_sdk import retail

print(retail.list_all_product_types().text)
"""

LOOK_AT_ONE = """\
from retail_sdk import retail

print(retail.get_product_details(product_id={first}).text)
"""

LOOP = """\
from retail_sdk import retail

ids = sorted(retail.list_all_product_types().json()["parsed_content"].items())[:{size}]
prices = []
for name, product_id in ids:
    product = retail.get_product_details(product_id=product_id).json()["parsed_content"]
    prices += [(v["price"], name) for v in product["variants"].values() if v["available"]]
print(min(prices))
"""


def sweeps(products: Mapping[str, str]) -> tuple[Task, ...]:
    """One task for each size; `products` are the ids by name."""
    ids = [product for _, product in sorted(products.items())]
    return tuple(
        Task(
            name=f"{SUITE}_{size}",
            suite=SUITE,
            servers=("retail",),
            turns=(
                Turn(
                    f"Of the first {size} product types by name, which one has the cheapest "
                    "variant that is available, and what does it cost?",
                    (
                        Call("retail", "list_all_product_types", {}),
                        *(
                            Call("retail", "get_product_details", {"product_id": each})
                            for each in ids[:size]
                        ),
                    ),
                ),
            ),
        )
        for size in SIZES
    )


def programs(task: Task, *, careful: bool) -> tuple[Program, ...]:
    """The programs of a sweep. The careful author looks at both kinds of results first."""
    size = len(task.calls) - 1
    loop = LOOP.format(size=size)
    if not careful:
        return (Program(0, loop, range(size + 1), frozenset()),)
    first = json.dumps(task.calls[1].arguments["product_id"])
    return (
        Program(0, LOOK, range(1), frozenset({0})),
        Program(0, LOOK_AT_ONE.format(first=first), range(1, 2), frozenset({1})),
        Program(0, loop, range(2, size + 1), frozenset()),
    )


def answer(products: Sequence[Mapping[str, Any]]) -> tuple[float, str]:
    """The right answer, from the products' details."""
    return min(
        (variant["price"], product["name"])
        for product in products
        for variant in product["variants"].values()
        if variant["available"]
    )
