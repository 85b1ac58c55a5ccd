"""What a generated SDK says about one tool, and the bases of its models."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, TypeVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, TypeAdapter
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema

from ..content.results import Observed
from ..content.text_result import ObservedText, ResultText
from ..schema.definitions import is_repeatable, shipped_definition
from ..schema.inputs import arguments_check
from ..schema.validation import Check
from ..text import printable
from .open_literals import opened

if TYPE_CHECKING:
    from .spelling import Spelling

ResultT = TypeVar("ResultT")


class Arguments(BaseModel):
    """What a tool takes, under Python names, where its JSON Schema cannot check that.

    The exact check of arguments is the tool's JSON Schema. A subclass of this model stands in for
    it in tools whose schema no validator can read, and only there.
    """

    model_config = ConfigDict(
        extra="forbid", validate_by_name=True, validate_by_alias=False, protected_namespaces=()
    )

    NULLABLE: ClassVar[frozenset[str]] = frozenset()
    """Names whose schema accepts `null`; for every other argument, None means "leave it out"."""


class Model(BaseModel):
    """Base of every generated nested or result model.

    It keeps fields it does not know, and literals accept values a newer server may send. It is
    constructed with Python names and dumped with wire keys. Only fields that were set are dumped,
    so the dump of a result equals the JSON that came in.
    """

    model_config = ConfigDict(
        extra="allow",
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
        protected_namespaces=(),
    )

    NULLABLE: ClassVar[frozenset[str]] = frozenset()
    """Names whose schema accepts `null`; other fields that are None are not sent."""

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[BaseModel], handler: GetCoreSchemaHandler, /
    ) -> CoreSchema:
        return opened(handler(source))

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        # Fields that it does not know are called as the server likes.
        for name, value in super().__repr_args__():
            plain = name is None or name.isidentifier()
            yield name if plain else printable(repr(name)), value

    # The `repr` of a text leaves some characters that nobody can see.
    def __repr__(self) -> str:
        return printable(super().__repr__())

    def __str__(self) -> str:
        return printable(super().__str__())

    def model_dump(self, **options: Any) -> dict[str, Any]:
        """The model as a dict, by default with wire keys and without fields that were not set."""
        options.setdefault("exclude_unset", True)
        # A leniently read result may hold other values than promised; they are dumped as they are.
        options.setdefault("warnings", False)
        return super().model_dump(**options)

    def model_dump_json(self, **options: Any) -> str:
        """The model as JSON, by default with wire keys and without fields that were not set."""
        options.setdefault("exclude_unset", True)
        options.setdefault("warnings", False)
        return super().model_dump_json(**options)


def fields_of(kind: type[BaseModel]) -> Mapping[str, FieldInfo]:
    """The fields of a model, with the aliases of all of them."""
    if not kind.__pydantic_complete__:
        # An alias in an annotation that names a later class is not read before that.
        kind.model_rebuild()
    return kind.model_fields


class OpenLiterals:
    """Opens the literals of a result that is no model, such as `list[Literal["a", "b"]]`."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler, /
    ) -> CoreSchema:
        return opened(handler(source))


class Tool(Generic[ResultT]):
    """One tool of one server, as it stood in the snapshot. Immutable by convention.

    `server` is the server's key and `name` the tool's wire name. `result` is the type of what it
    returns: any expression pydantic understands, `Unstructured`, `ResultText`, or `Observed[...]`
    and `ObservedText[...]` of a type that was inferred from answers. `digest` is the SHA-256 of the
    canonical definition. `package` is the one that the tool's module is in: the one around it has
    the lock, with the definition. `schema` names the package and file of the definition in SDKs of
    former versions. `names` are the Python names of arguments that have another wire name,
    `nullable` the Python names of those whose schema accepts `null`; for every other, None means
    "leave it out". With `unwrap`, structured content is an object that holds the value under that
    key. `arguments` is the check of arguments for want of a schema that can be checked; its
    `NULLABLE` and aliases count too.
    """

    def __init__(
        self,
        *,
        server: str,
        name: str,
        result: Any,
        digest: str,
        package: str | None = None,
        schema: tuple[str | None, str] | None = None,
        names: Mapping[str, str] | None = None,
        nullable: Collection[str] = (),
        unwrap: str | None = None,
        arguments: type[Arguments] | None = None,
    ) -> None:
        self.server = server
        self.name = name
        self.result = result
        self.digest = digest
        self.package = package
        self.schema = schema
        self.names = names or {}
        self.unwrap = unwrap
        self.arguments = arguments
        self._nullable = frozenset(nullable)
        origin = get_origin(result)
        self.is_observed = origin in (Observed, ObservedText)
        self.is_text = result is ResultText or origin is ObservedText
        self.data_type = get_args(result)[0] if self.is_observed else result

    def __repr__(self) -> str:
        return f"Tool({self.server}.{self.name})"

    @cached_property
    def definition(self) -> Mapping[str, Any]:
        """The tool's definition as the server sent it. Empty when the SDK ships none."""
        if self.package is not None:
            return shipped_definition(self.package.rpartition(".")[0], self.digest)
        if self.schema is None:
            return {}
        package, filename = self.schema
        found = json.loads(files(package or "").joinpath(filename).read_bytes())
        return found if isinstance(found, dict) else {}

    @property
    def title(self) -> str:
        """The title for people; empty when the server gives none."""
        found = self.definition.get("title") or self.annotations.get("title")
        return found if isinstance(found, str) else ""

    @property
    def description(self) -> str:
        """What the server says about the tool. Foreign text."""
        found = self.definition.get("description")
        return found if isinstance(found, str) else ""

    @property
    def annotations(self) -> Mapping[str, Any]:
        """The server's hints under their wire keys, such as `readOnlyHint`. Only hints."""
        found = self.definition.get("annotations")
        return found if isinstance(found, dict) else {}

    @property
    def meta(self) -> Mapping[str, Any]:
        """The definition's `_meta`."""
        found = self.definition.get("_meta")
        return found if isinstance(found, dict) else {}

    @property
    def input_schema(self) -> Any:
        """The original JSON Schema of the arguments; None when there is none."""
        return self.definition.get("inputSchema")

    @property
    def output_schema(self) -> Any:
        """The original JSON Schema of the structured result; None when there is none."""
        return self.definition.get("outputSchema")

    @property
    def repeatable(self) -> bool:
        """Whether the server says that calling twice does no more than calling once."""
        return is_repeatable(self.annotations)

    @cached_property
    def check(self) -> Check | None:
        """The exact check of arguments, compiled once; None when no validator can be made."""
        return arguments_check(self.input_schema)

    @cached_property
    def check_without_formats(self) -> Check | None:
        """The same for callers who want no `format` checked."""
        return arguments_check(self.input_schema, formats=False)

    @cached_property
    def spelling(self) -> Spelling:
        """The Python names of keys inside arguments. Read once, when it is first needed."""
        from .spelling import Spelling

        return Spelling(self.input_schema)

    @cached_property
    def result_adapter(self) -> TypeAdapter[ResultT]:
        """Validates the data of what the tool returns. Built once."""
        opened_result: Any = Annotated[self.data_type, OpenLiterals()]
        return TypeAdapter(opened_result)

    @property
    def nullable(self) -> frozenset[str]:
        """The Python names of arguments whose schema accepts `null`."""
        return self._nullable | self.arguments.NULLABLE if self.arguments else self._nullable

    @cached_property
    def wire_names(self) -> Mapping[str, str]:
        """The wire name of each argument that has another Python name, by that."""
        fields = fields_of(self.arguments) if self.arguments else {}
        aliases = {name: field.alias for name, field in fields.items() if field.alias is not None}
        return {**aliases, **self.names}

    @cached_property
    def argument_names(self) -> Mapping[str, tuple[str, str]]:
        """Python and wire name of each argument where they differ, by either; a wire name goes
        first."""
        pairs = self.wire_names.items()
        by_python = {name: (name, wire) for name, wire in pairs}
        return by_python | {wire: (name, wire) for name, wire in pairs}
