"""The result of a tool that declares a text: a `str` that can be read as the JSON it often is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from ..errors import ResultError
from ..text import shortened
from .json_text import text_readings
from .results import required

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

DataT = TypeVar("DataT")


class ResultText(str):
    """The text that a tool answered: a `str` in every way.

    Many servers declare a text and send JSON in it; `json()` reads that. `server` and `tool` say
    whose answer it is, `notes` what of it was not as the protocol has it.
    """

    server = ""
    tool = ""
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str, server: str, tool: str, notes: tuple[str, ...] = ()) -> Self:
        """The answer of a server's tool."""
        made = cls(text)
        made.server, made.tool, made.notes = server, tool, notes
        return made

    def json(self) -> Any:
        """The text read as JSON, also in a Markdown fence or as Python would write it.

        Raises `ResultError` when there is none.
        """
        for found in text_readings(self):
            return found
        raise ResultError(
            f"the answer is not JSON: {shortened(str(self))}",
            server=self.server, tool=self.tool or None, data=str(self),
        )  # fmt: skip

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        # Deferred: clients import this class, and are imported without pydantic.
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema())


class ObservedText(ResultText, Generic[DataT]):
    """The text of a tool whose answers were observed to be JSON, with a type inferred from them.

    `data` is the answer as that type, and None when it does not fit, since nobody promised that it
    would; `fault` then says where. Whatever came, it is the text. Where code is to stop at an
    answer that does not fit, `require()` does.
    """

    data: DataT | None = None
    fault: ResultError | None = None

    def require(self) -> DataT:
        """`data`. Raises `ResultError`, with the place and the text, when there is none."""
        return required(self.data, self.fault, self.server, self.tool, str(self))
