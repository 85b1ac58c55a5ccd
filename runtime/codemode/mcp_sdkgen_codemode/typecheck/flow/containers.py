"""The containers that a program builds: where a name leads, and what is put into them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .dataflow import CONTAINERS, KEEPING, Origins, constructed


def contents(origins: Origins, node: ast.expr) -> Iterator[ast.expr]:
    """The node, and whatever the program itself puts into it and into what that holds.

    What is bound more than once is not followed: which of it counts, flow decides.
    """
    waiting: list[ast.expr] = [node]
    seen: set[int] = set()
    while waiting and len(seen) < 200:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        match each:
            case ast.Name() | ast.Attribute() if found := origins.bindings(each):
                waiting += [*found.values, *found.grown] if len(found.values) == 1 else []
            case ast.Dict(values=items):
                waiting += items
            case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
                waiting += items
            case ast.ListComp(elt=item) | ast.SetComp(elt=item) | ast.DictComp(value=item):
                waiting.append(item)
            case ast.IfExp(body=one, orelse=other):
                waiting += [one, other]
            case ast.Call(args=[item, *_]) if constructed(each) in KEEPING:
                waiting.append(item)


def containers(origins: Origins, node: ast.expr) -> Iterator[ast.expr]:
    """The dicts, lists and so on that the program itself builds and a name leads to."""
    waiting: list[ast.expr] = [node]
    seen: set[int] = set()
    while waiting and len(seen) < 200:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        match each:
            case ast.Name() | ast.Attribute():
                if found := origins.bindings(each):
                    waiting += found.values + found.grown
                    waiting += [iterated for iterated, _ in found.elements]
            case ast.Dict(values=values):
                yield each
                waiting += values
            case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
                yield each
                waiting += items
            case ast.ListComp(elt=item, generators=[*generators]):
                waiting += [item, *(one.iter for one in generators)]
            case ast.DictComp(value=item):
                waiting.append(item)
            case ast.Subscript(value=inner):
                waiting.append(inner)
            case ast.Call(func=function, args=arguments):
                if constructed(each) in CONTAINERS:
                    yield each
                if constructed(each) in KEEPING | {"enumerate", "zip", "dict"}:
                    waiting += arguments
                elif isinstance(function, ast.Attribute):
                    waiting.append(function.value)
