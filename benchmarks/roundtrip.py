"""Sampled values through generated methods and back, with a session that only remembers."""

from __future__ import annotations

import asyncio
import importlib
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from operator import or_
from pathlib import Path
from types import GenericAlias, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints, is_typeddict

import jsonschema_rs
from mcp_sdkgen_runtime import (
    ArgumentsError,
    Omit,
    OpenTuple,
    RawResult,
    SdkError,
    SequenceNotStr,
    Tool,
)
from mcp_sdkgen_runtime.tool.annotations import further
from mcp_sdkgen_runtime.tool.tool import OpenLiterals
from pydantic import TypeAdapter

from benchmarks.looseness import looseness
from benchmarks.packages import Json, Method, Package, read_package
from tests.sampling import same_json, sample
from tests.spoiling import Spoiled, spoil

SAMPLES = 12


@dataclass
class Trip:
    """What happened to the samples of one SDK.

    `given` counts samples of arguments, each sent twice: as plain dicts, and as models. `returned`
    counts samples of results. Failures name the tool and what went wrong; `unsampled` names the
    schemas that have no instance to try. `fields` and `loose` come from `looseness`. `spoiled`
    counts arguments that an independent validator refuses, by the keyword that is broken in them,
    and `refused` those of them for which nothing was sent; `let_through` tells of the others.
    """

    given: int = 0
    arrived: int = 0
    returned: int = 0
    kept: int = 0
    failures: list[str] = field(default_factory=list)
    unsampled: list[str] = field(default_factory=list)
    fields: int = 0
    loose: list[str] = field(default_factory=list)
    spoiled: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    let_through: list[str] = field(default_factory=list)


class Recorder:
    """A session that remembers the last call and answers with `answer`.

    `binding` is what clients are given to reach it: itself, or a server that stands before it.
    """

    def __init__(self) -> None:
        self.tool = ""
        self.arguments: Json = {}
        self.answer = RawResult()
        self.binding: Any = self

    async def call(self, tool: str, arguments: Json, *, options: object = None) -> RawResult:
        """Remember the call and answer it."""
        self.tool, self.arguments = tool, arguments
        return self.answer


def round_trip(
    folder: Path, samples: int = SAMPLES, recorder: Recorder | None = None, *, invalid: bool = False
) -> Trip:
    """Import the SDK whose sources stand in `folder` and send samples through all its methods.

    With `invalid`, samples of arguments are sent too in which a keyword of the schema is broken.
    The importing process should do nothing else: it is left with the SDK in `sys.path`.
    """
    package = read_package(folder)
    sys.path.insert(0, str(package.folder.parent))
    return asyncio.run(_all_methods(package, samples, recorder or Recorder(), invalid))


async def _all_methods(package: Package, samples: int, recorder: Recorder, invalid: bool) -> Trip:
    trip = Trip()
    kind = getattr(importlib.import_module(package.name), package.waiting)
    async with kind(recorder.binding) as client:
        for method in package.methods:
            tool = importlib.import_module(f"{package.name}.tools.{method.module}").TOOL
            passage = _Passage(trip, recorder, method, client, tool, package.definition(method))
            found = looseness(tool, passage.types, passage.definition)
            trip.fields += found.fields
            trip.loose += [f"{tool.name}: {place}" for place in found.loose]
            await passage.send_arguments(samples)
            if invalid:
                await passage.send_spoiled(samples)
            await passage.receive_results(samples)
    return trip


@dataclass
class _Passage:
    """One tool's samples on their way."""

    trip: Trip
    recorder: Recorder
    method: Method
    client: Any
    tool: Tool[Any]
    definition: Json

    async def send_arguments(self, samples: int) -> None:
        schema: Any = self.definition.get("inputSchema")
        found = sample(schema, count=samples, extra_keys=bool(self.method.extra))
        if found.missing:
            self.trip.unsampled.append(f"{self.tool.name} arguments: {found.missing}")
            return
        validator = jsonschema_rs.validator_for(schema)
        # The answer is no matter here: every result type fails or succeeds after the call.
        self.recorder.answer = RawResult()
        # A schema may allow more, but the arguments of a call are always an object.
        for value in (value for value in found.values if isinstance(value, dict)):
            for way, given in self.ways(value):
                self.trip.given += 1
                problem = await self.problem(value, given, validator)
                if problem:
                    self.trip.failures.append(f"{self.tool.name} arguments as {way}: {problem}")
                else:
                    self.trip.arrived += 1

    async def send_spoiled(self, samples: int) -> None:
        """Send arguments in which one keyword of the schema is broken, as plain dicts."""
        schema: Any = self.definition.get("inputSchema")
        found = sample(schema, count=samples, extra_keys=bool(self.method.extra))
        for one in spoil(schema, found.values, formats=True):
            if not isinstance(one.value, dict) or self.is_left_out(one):
                continue
            self.trip.spoiled[one.keyword] += 1
            self.recorder.tool = ""
            refusal, error = False, ""
            try:
                await getattr(self.client, self.method.name)(**self.keywords(one.value))
            except (ArgumentsError, TypeError):
                # A TypeError is Python's own, for keyword arguments that a method lacks.
                refusal = True
            except Exception as other:
                error = f", {_line(other)}"
            if refusal and not self.recorder.tool:
                self.trip.refused[one.keyword] += 1
            else:
                place = "/".join(map(str, one.path))
                self.trip.let_through.append(
                    f"{self.tool.name} {one.keyword} at /{place} of {one.value!r:.300}{error}"
                )

    def is_left_out(self, one: Spoiled) -> bool:
        """Whether what is wrong is a None in the place of an argument, which means "leave it out"
        where the schema allows no null."""
        return any(
            item is None and self.method.parameter_of.get(key) not in self.tool.nullable
            for key, item in one.value.items()
        )

    def ways(self, value: Json) -> Iterator[tuple[str, Json | Exception]]:
        """The same arguments twice under Python names: nested dicts, and nested models."""
        yield "dicts", self.keywords(value)
        try:
            models = {key: self.as_models(key, item) for key, item in value.items()}
        except Exception as error:
            yield "models", error
        else:
            yield "models", self.keywords(models)

    def as_models(self, wire: str, value: Any) -> Any:
        """The value of one argument with models for all objects that have a class."""
        if wire not in self.types:
            return value
        opened: Any = Annotated[self.types[wire], OpenLiterals()]
        return TypeAdapter(opened).validate_python(value, by_alias=True, by_name=False)

    @cached_property
    def types(self) -> dict[str, Any]:
        """The types of the method's parameters, by wire name, with models for all objects."""
        hints = get_type_hints(getattr(type(self.client), self.method.name))
        return {wire: _received(hints[name]) for wire, name in self.method.parameter_of.items()}

    def keywords(self, wire: Json) -> Json:
        """Keyword arguments for values under wire names; undeclared ones go into `extra`."""
        names = self.method.parameter_of
        given = {names[key]: item for key, item in wire.items() if key in names}
        rest = {key: item for key, item in wire.items() if key not in names}
        if rest:
            given[self.method.extra or "no parameter takes undeclared arguments"] = rest
        return given

    async def problem(self, value: Json, given: Json | Exception, validator: Any) -> str:
        """What went wrong with one call; empty when all is well."""
        if isinstance(given, Exception):
            return _line(given)
        self.recorder.tool, self.recorder.arguments = "", {}
        try:
            await getattr(self.client, self.method.name)(**given)
        except SdkError as error:
            if not self.recorder.tool:
                return _line(error)
        except Exception as error:
            return _line(error)
        if self.recorder.tool != self.tool.name:
            return f"another tool was called: {self.recorder.tool}"
        if not validator.is_valid(self.recorder.arguments):
            return "arrived invalid"
        if not same_json(self.recorder.arguments, value):
            return f"arrived changed: {value!r:.300} became {self.recorder.arguments!r:.300}"
        return ""

    async def receive_results(self, samples: int) -> None:
        schema = self.definition.get("outputSchema")
        if schema is None:
            return
        # Beside the value that a wrapper holds, a method has no place for other keys to return.
        found = sample(schema, count=samples, extra_keys=self.tool.unwrap is None)
        if found.missing:
            self.trip.unsampled.append(f"{self.tool.name} result: {found.missing}")
            return
        inputs = self.definition.get("inputSchema")
        arguments = sample(inputs, count=1, extra_keys=bool(self.method.extra)).values
        if not arguments or not isinstance(arguments[0], dict):
            return
        given = self.keywords(arguments[0])
        for value in found.values:
            self.trip.returned += 1
            self.recorder.answer = RawResult(structured=value)
            try:
                result = await getattr(self.client, self.method.name)(**given)
                back = self.dumped(result)
            except Exception as error:
                self.trip.failures.append(f"{self.tool.name} result: {_line(error)}")
                continue
            if same_json(back, value):
                self.trip.kept += 1
            else:
                self.trip.failures.append(
                    f"{self.tool.name} result changed: {value!r:.300} became {back!r:.300}"
                )

    def dumped(self, result: Any) -> Any:
        """The result as the JSON it came from."""
        if hasattr(result, "structured"):
            return result.structured
        back = self.tool.result_adapter.dump_python(
            result, mode="json", by_alias=True, exclude_unset=True
        )
        return back if self.tool.unwrap is None else {self.tool.unwrap: back}


def _received(kind: Any) -> Any:
    """The type of an argument as that of a result: models and no dicts, lists, maps."""
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        kept = [part for part in parts if part is not Omit and not is_typeddict(part)]
        return reduce(or_, map(_received, kept))
    if origin in (Sequence, SequenceNotStr):
        return GenericAlias(list, _received(parts[0]))
    if origin is tuple:
        return _received_tuple(parts)
    return GenericAlias(dict, (str, _received(parts[1]))) if origin is Mapping else kind


def _received_tuple(parts: tuple[Any, ...]) -> Any:
    rest = further(parts[-1]) if parts else None
    if rest is None:
        return GenericAlias(tuple, tuple(map(_received, parts)))
    open_end = GenericAlias(tuple, (_received(rest), ...))
    return Annotated[GenericAlias(tuple, (*map(_received, parts[:-1]), *open_end)), OpenTuple()]


def _line(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
