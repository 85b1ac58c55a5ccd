"""The system prompt: the rules of a right program, then as much of the API as a budget allows.

Equal SDKs give equal prompts, byte for byte, so that providers can cache them. The servers' words
stand between tags that nothing inside can close.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from mcp_sdkgen_runtime.catalog.bm25 import ranked
from mcp_sdkgen_runtime.text import fenced, listed, printable

from ..catalog import Sdk, installed
from ..library.program import SavedProgram
from .detail import Detail as Detail
from .detail import Page
from .rules import NO_EXAMPLE, Example, example_of, rules
from .tokens import TOKENIZER, count

DEFAULT_BUDGET = 8_000
"""Tokens."""

SEARCH_TOKENS = 1_000
"""What the shortest prompt takes at most, in tokens, whatever is installed."""


PROGRAMS_TOKENS = 2_000
"""What saved programs take of a prompt at most, in tokens."""

_MAX_LIKELY = 100
"""Tools that a question puts before the others."""
_MARGIN = 40
"""Tokens for the fence, for saying that there are more packages, and for what is shown in more
detail."""


@dataclass(frozen=True)
class Prompt:
    """A system prompt, what it takes in tokens, and what it shows.

    `detail` is what all tools are shown with at least; `shown` has how many are at which level.
    """

    text: str
    tokens: int
    detail: Detail
    servers: tuple[str, ...]
    tools: int
    tokenizer: str = TOKENIZER
    shown: Mapping[str, int] = field(default_factory=dict)


def prompt(
    sdks: Iterable[Sdk] | None = None,
    *,
    budget: int = DEFAULT_BUDGET,
    programs: Sequence[SavedProgram] = (),
    question: str = "",
) -> Prompt:
    """A prompt for these SDKs (all that are installed) that fills `budget` tokens.

    Every tool is named where that fits, and shown in more detail as far as there is room: those
    first that a search for `question` finds, then all alike. The saved `programs` are shown beside;
    where there is no room for all, as many as there is. Raises `ValueError` if even the shortest
    prompt does not fit, `RuntimeError` as `search` does.
    """
    given = tuple(
        sorted(installed() if sdks is None else sdks, key=lambda sdk: (sdk.server, sdk.package))
    )
    likely = [(sdk, tool) for sdk, tool, _ in ranked(question, given, _MAX_LIKELY)]
    # The names of few tools may take less than telling how to search.
    shortest = [_made(Page(given, each), given, programs) for each in (Detail.SEARCH, Detail.NAMES)]
    fitting = [each for each in shortest if each.tokens <= budget]
    if not fitting:
        raise ValueError(
            f"the shortest prompt takes {min(each.tokens for each in shortest)} tokens, and the "
            f"budget is {budget}; {SEARCH_TOKENS} are always enough"
        )
    made = fitting[-1]
    for detail in () if likely or made is shortest[0] else tuple(reversed(Detail))[2:]:
        fuller = _made(Page(given, detail), given, programs)
        if fuller.tokens > budget:
            break
        made = fuller
    # What is added is counted line by line, which may differ a little from the whole.
    for spared in (_MARGIN, 4 * _MARGIN):
        page = Page(given, made.detail)
        page.fill(budget - made.tokens - spared, likely)
        filled = _made(page, given, programs)
        if filled.tokens <= budget:
            return filled
    return made


def render(sdks: Sequence[Sdk], detail: Detail, programs: Sequence[SavedProgram] = ()) -> Prompt:
    """The prompt for these SDKs at one level of detail, in the order given."""
    return _made(Page(sdks, detail), sdks, programs)


def api(sdks: Sequence[Sdk], detail: Detail) -> str:
    """The API alone, fenced."""
    return _api(Page(sdks, detail), sdks)


def _made(page: Page, sdks: Sequence[Sdk], programs: Sequence[SavedProgram]) -> Prompt:
    example = example_of(sdks)
    reading = _reading(page.detail, example)
    if len(page.shown) > 1:
        reading += " Some tools are shown in more detail."
    text = f"{rules(example)}\n{reading}\n\n{_api(page, sdks)}\n"
    if programs:
        least = page.detail is Detail.SEARCH and len(page.shown) < 2
        text += _saved(programs, SEARCH_TOKENS - count(text) if least else PROGRAMS_TOKENS)
    servers = tuple(sdk.server for sdk in sdks)
    tools = sum(len(sdk.tools) for sdk in sdks)
    return Prompt(text, count(text), page.detail, servers, tools, shown=page.shown)


def _api(page: Page, sdks: Sequence[Sdk]) -> str:
    shown = [page.text()]
    if page.detail is Detail.SEARCH:
        shown.insert(0, _packages(sdks))
    return fence("\n".join(filter(None, shown)), "api")


def _reading(detail: Detail, example: Example) -> str:
    """How to read what follows."""
    if detail is Detail.SEARCH:
        return (
            "The packages follow, with the number of their tools. Find tools by words, as many "
            f'times as you need:\n`print(*catalog.search("{example.words}", limit=5), sep="\\n")` '
            "prints signatures and packages."
        )
    return f"All tools follow, {_SHOWN[detail]}."


_SHOWN = {
    Detail.ARGUMENTS: "with their classes and what their arguments mean",
    Detail.SURFACE: "with their classes",
    Detail.SIGNATURES: "without their classes",
    Detail.LINES: "without their arguments",
    Detail.NAMES: "by their names",
}


def fence(text: str, tag: str) -> str:
    """Foreign text between `<tag>` and `</tag>`, so that nothing in it ends the fence.

    What could pass for a tag or a chat template's mark is written with escapes that Python reads as
    the same characters, and so is what commands a terminal. A text with code fences stays as it is,
    in a code block that none of them can close.
    """
    safe = _MARK.sub(lambda match: "".join(f"\\x{ord(c):02x}" for c in match[0]), printable(text))
    shown = fenced(safe) if _CODE_FENCE.search(safe) else safe
    return f"<{tag}>\n{shown}\n</{tag}>"


# What Python calls code without a name stands in every traceback, and is no tag of ours.
_MARK = re.compile(
    r"<(?!(?:module|lambda|genexpr|listcomp|dictcomp|setcomp)>)(?=[^\s\d=\-])"
    r"|\[(?=/?INST\b)",
    re.IGNORECASE,
)
_CODE_FENCE = re.compile("`{3,}|~{3,}")

_SERVED = """\
These tools let you act through Python programs instead of calling other tools one by one. Find what
you need with `search`, read its page with `read`, then `run` one program that does the whole task.
"""

_MAX_NAMES = 60


def server_instructions(servers: Sequence[str]) -> str:
    """The instructions of an MCP server of code mode: how to begin, the rules of a right program,
    and the names of the servers that programs reach, whose SDKs may not be there yet."""
    names = listed(servers, _MAX_NAMES, "`search` finds the tools of all")
    return f"{_SERVED}\n{rules(NO_EXAMPLE)}\n{fence(names or 'none yet', 'servers')}\n"


def _packages(sdks: Sequence[Sdk]) -> str:
    """The packages, as many as there is room for in the shortest prompt."""
    example = example_of(sdks)
    room = SEARCH_TOKENS - count(rules(example) + _reading(Detail.SEARCH, example)) - _MARGIN
    shown: list[str] = []
    for number, sdk in enumerate(sdks):
        shown.append(f"{sdk.package} {len(sdk.tools)}")
        room -= count(f" {shown[-1]},")
        if room < 0:
            return f"{', '.join(shown[:-1])} and {len(sdks) - number} more, which search finds too"
    return ", ".join(shown)


_SAVED = "Saved programs: `from programs import NAME`, then call its `main`.\n"


def _saved(programs: Sequence[SavedProgram], room: int) -> str:
    """The saved programs, as many as there is room for. Empty if there is none."""
    room -= count(_SAVED) + _MARGIN
    shown: list[str] = []
    for one in programs:
        line = f"{one.entry.signature}  # {one.summary}"
        room -= count(line) + 1
        if room < 0:
            break
        shown.append(line)
    return f"\n{_SAVED}\n{fence(chr(10).join(shown), 'programs')}\n" if shown else ""
