"""The tools that models see, the same wherever they meet code mode: as an MCP server, as tools of
a framework, in a chat. Written for whoever must use them without having seen them.

The names are those that `serve` has had from the first, for hosts store them: as tools that their
user always allows, in prompts and in agents' lists of tools.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Final

from mcp_sdkgen_runtime.text import printable, shortened_text
from pydantic import BaseModel, ConfigDict, Field

from ..library.program import SavedProgram

SEARCH: Final = "search"
READ: Final = "read"
CHECK: Final = "check"
RUN: Final = "run"
READ_OUTPUT: Final = "read_output"
RESUME: Final = "resume"

NAMES: Final = (SEARCH, READ, CHECK, RUN, READ_OUTPUT, RESUME)
"""Names that are ours whether or not a tool is there."""

MAX_TIME_S: Final = 600.0
"""The wall clock that a model may give to a program, in seconds."""
SHOWN_CHARS: Final = 12_000
"""Characters of one output that an answer shows, some 3,000 tokens."""
_DESCRIPTION_CHARS: Final = 2000

Query = Annotated[str, Field(description="What the tool should do.", max_length=1000)]
Limit = Annotated[int, Field(ge=1, le=50)]
PageName = Annotated[str, Field(description="`server.tool`, `server.Class` or `server`.")]
Program = Annotated[str, Field(description="The Python program.")]
TimeLimit = Annotated[float, Field(gt=0, le=MAX_TIME_S, description="Seconds it may run.")]
Session = Annotated[
    str | None,
    Field(description='"new", or a session that a run named. Without it, no variables are kept.'),
]
SuspendedRun = Annotated[str, Field(description="The suspended run (`run-…`).")]
OutputHandle = Annotated[str, Field(description="The handle (`out-…`).")]
Offset = Annotated[int, Field(ge=0, description="The character to begin at.")]
Length = Annotated[int, Field(ge=1, le=SHOWN_CHARS)]


class Arguments(BaseModel):
    """Arguments of a tool. Others than these are refused, and so is `"5"` for 5."""

    model_config = ConfigDict(extra="forbid", strict=True)


class SearchArguments(Arguments):
    """Of `search`."""

    query: Query
    limit: Limit = 10


class ReadArguments(Arguments):
    """Of `read`."""

    name: PageName = ""


class CheckArguments(Arguments):
    """Of `check`."""

    program: Program


class RunArguments(Arguments):
    """Of `run`, in a conversation."""

    program: Program
    timeout_s: TimeLimit = 60


class SessionRunArguments(Arguments):
    """Of `run`, where a server does not know which conversation a call belongs to."""

    program: Program
    session: Session = None
    timeout_s: TimeLimit = 60


class ReadOutputArguments(Arguments):
    """Of `read_output`."""

    output: OutputHandle
    offset: Offset = 0
    length: Length = SHOWN_CHARS


class ResumeArguments(Arguments):
    """Of `resume`."""

    run: SuspendedRun


@dataclass(frozen=True)
class Tool:
    """One tool that a model is given. Those that are not `acting` change nothing."""

    name: str
    title: str
    description: str
    arguments: type[Arguments]
    acting: bool = False

    @cached_property
    def parameters(self) -> Mapping[str, Any]:
        """The JSON Schema of its arguments."""
        schema = self.arguments.model_json_schema()
        for each in (schema, *schema["properties"].values()):
            each.pop("title", None)
        del schema["description"]
        return schema


_RUN: Final = """\
Check and run a Python program in a sandbox and return what it prints, the value of its last
expression, and the files that it leaves in its working folder (images are shown). It has no network
and no files of the user's; it reaches servers only through typed SDKs, by names that `search` finds
(here in capitals):

    from SERVER_sdk import SERVER
    found = [SERVER.TOOL(ARGUMENT=value) for value in ("a", "b")]
    print(max(one.FIELD for one in found))

Do all of a task in one program: loop, filter and combine there, and print only the answer. Find
names with `search` and `read`; do not guess them. {state}
A call that changes something may need the user's approval; a refused call must not be retried."""

_IN_A_CONVERSATION: Final = "Variables of earlier programs that ran\nare still there."
_WITH_SESSIONS: Final = """\
Each run starts from nothing, unless `session`
is given: "new" begins one, and the answer names it for the next run, which keeps its variables."""

_SEARCH: Final = Tool(
    SEARCH,
    "Search tools",
    """\
Find tools by words. Returns the best matches with their Python signatures and the packages to
import them from. Begin here; search again with other words if nothing fits.""",
    SearchArguments,
)
_READ: Final = Tool(
    READ,
    "Read documentation",
    """\
Read the documentation: of one tool by its name from `search` (`SERVER.TOOL`: arguments, result,
errors), of a class (`SERVER.CLASS`: its fields), or the list of all tools of a server (`SERVER`);
without a name, the list of servers.""",
    ReadArguments,
)
_CHECK: Final = Tool(
    CHECK,
    "Check a program",
    """\
Type-check a program without running it: wrong names, arguments and fields are reported,
with corrections. `run` checks too, so use this only for a program that must not run yet.""",
    CheckArguments,
)
_READ_OUTPUT: Final = Tool(
    READ_OUTPUT,
    "Read on",
    """\
Read on in what was too long for an answer, or in a text file that a program left, by its handle
(`out-…`).""",
    ReadOutputArguments,
)
_RESUME: Final = Tool(
    RESUME,
    "Resume a run",
    """\
Go on with a run that was suspended because a person must approve one of its calls. What it did
before is not done again. Call it after the user says that they have approved.""",
    ResumeArguments,
    acting=True,
)


def tools(*, sessions: bool = False, resumable: bool = False) -> tuple[Tool, ...]:
    """The tools in the order in which they are given.

    With `sessions`, a run says itself which earlier variables it wants; without, all programs are
    of one conversation. With `resumable`, runs can be suspended.
    """
    state = _WITH_SESSIONS if sessions else _IN_A_CONVERSATION
    arguments: type[Arguments] = SessionRunArguments if sessions else RunArguments
    run = Tool(RUN, "Run a program", _RUN.format(state=state), arguments, acting=True)
    found = (_SEARCH, _READ, _CHECK, run, _READ_OUTPUT)
    return (*found, _RESUME) if resumable else found


TOOLS: Final = tools()
"""Those of a conversation."""


def describe_program(program: SavedProgram) -> str:
    """The description of a saved program that is a tool of its own."""
    return f"{printable(shortened_text(program.description, _DESCRIPTION_CHARS))}\n\n{_SAVED}"


_SAVED: Final = (
    "A program that the user saved. It runs in the sandbox, as with `run`; a call that changes "
    "something may need the user's approval."
)
