"""What follows from the figures: the claims judged, and the rule for when to prefer which way."""

from __future__ import annotations

import textwrap
from typing import Any

from .results import BASELINE, CLASSES

Json = dict[str, Any]

ONE, INDEPENDENT, DEPENDENT = CLASSES


def times(rows: Json, name: str, key: str = "cached_price", over: str = BASELINE) -> str:
    """How many times less of something a variant takes than another, to read."""
    ratio = rows[over][key] / rows[name][key]
    return f"{ratio:.1f}" if ratio < 20 else f"{ratio:,.0f}"


def change(before: float, after: float) -> str:
    """A change as a percentage, with its sign."""
    return f"{(after - before) / before * 100:+.1f} %"


def less(rows: Json, name: str, over: str) -> str:
    """The change of input tokens from one variant to another."""
    return change(rows[over]["input_tokens"], rows[name]["input_tokens"])


def verdicts(found: Json) -> str:
    """The claims that code mode is sold with, each with what is true of it."""
    parts = ["## What is true of the claims", _cheaper(found), _faster(found), _tools(found)]
    return "\n\n".join(filled(part) for part in parts)


def filled(text: str) -> str:
    """Paragraphs and list items on lines of even length; `text` has them at other places."""
    blocks = text.replace("\n- ", "\n\n- ").split("\n\n")
    folded = [
        textwrap.fill(
            " ".join(block.split()), 100,
            subsequent_indent="  " if block.startswith("- ") else "", break_on_hyphens=False,
        )
        for block in blocks
    ]  # fmt: skip
    return "\n\n".join(folded).replace("\n\n- ", "\n- ")


def _cheaper(found: Json) -> str:
    public, classes, sweeps = found["suites"]["all public"], found["classes"], found["sweeps"]
    size, largest = list(sweeps.items())[-1]
    lost = found["losses"]["programs"]["cached_price"]
    return f"""\
**"10x cheaper" is true of few tasks.** On the public tasks, programs are
{times(public, "programs", "price")} times cheaper than parallel calls without caching and
{times(public, "programs")} times with it ({times(public, "programs", "price", "calls")} and
{times(public, "programs", over="calls")} times, against one call at a time). If every choice
could be written without looking, it would be {times(public, "lucky programs", "price")} and
{times(public, "lucky programs")} times. By class of turn, with caching: one call
{times(classes[ONE], "programs")}, several independent {times(classes[INDEPENDENT], "programs")},
several dependent {times(classes[DEPENDENT], "programs")} times. Ten times is reached where one
answer needs many reads: from {_first(sweeps, "programs")} reads on if the model must look at a
result first, from {_first(sweeps, "lucky programs")} if it knows their shape; at {size} reads it
is {times(largest, "programs")} and {times(largest, "lucky programs")} times. In {lost["lost"]} of
{lost["of"]} public tasks programs cost more than parallel calls, at worst {lost["worst"]:.2f} times
as much."""


def _first(sweeps: Json, name: str) -> str:
    """The first size at which a variant is ten times cheaper."""
    reached = [
        size
        for size, row in sweeps.items()
        if row[BASELINE]["cached_price"] >= 10 * row[name]["cached_price"]
    ]
    return reached[0] if reached else "more"


def _faster(found: Json) -> str:
    public, sweeps = found["suites"]["all public"], found["sweeps"]
    size, largest = list(sweeps.items())[-1]
    return f"""\
**"3x faster" is true against one call at a time, where there are many.** The public tasks take
{public["programs"]["round_trips"]:,} round trips with programs,
{public[BASELINE]["round_trips"]:,} with parallel calls, {public["calls"]["round_trips"]:,} with
one call at a time. With the assumed model, programs are
{times(public, "programs", "model_s")} times as fast as parallel calls and
{times(public, "programs", "model_s", "calls")} times as fast as single ones, because a program is
longer to write than a call. At {size} reads it is {times(largest, "programs", "model_s")} and
{times(largest, "programs", "model_s", "calls")} times."""


def _tools(found: Json) -> str:
    scaling = found.get("scaling")
    if not scaling:
        return '**"More than 50 tools"** was not measured: no tools to fill up with were given.'
    sizes = scaling["sizes"]
    most, largest = list(sizes.items())[-1]
    return f"""\
**"More than 50 tools" is true, of search.** At 50 tools, programs with the API in the prompt are
{times(sizes["50"], "programs")} times cheaper than parallel calls with all definitions, with
caching. At {int(most):,}, programs that search are {times(largest, "programs, search")} times
cheaper than all definitions, but {times(largest, "programs, search", over="tool search")} times
cheaper than plain calls that search, which is the fair comparison. Whether a model picks the right
one of {int(most):,} tools cannot be seen without a model."""


def closing(found: Json) -> str:
    """The rule, and the published figures beside ours."""
    rule = f"## When to prefer which\n\n{filled(_rule(found))}"
    return f"{rule}\n\n{_published(found)}"


def _rule(found: Json) -> str:
    public, one = found["suites"]["all public"], found["classes"][ONE]
    writing, surface = found["writing"], found["surface"]
    programs = found["right"]["careful"]["programs"]
    trip = public["programs"]["cached_price"] / public["programs"]["round_trips"]
    saved = (public[BASELINE]["cached_price"] - public["programs"]["cached_price"]) / programs
    return f"""\
- **One call whose result is the answer: plain calls.** The round trips are the same, and in such a
  turn the model writes {writing["program"]:.0f} tokens instead of {writing["call"]:.0f}. With
  equally long prompts, programs cost {writing["equal_prefix_cached"]:.2f} times as much with
  caching ({writing["equal_prefix"]:.2f} without). That they come out at
  {times(one, "programs")} times cheaper above is their shorter prompt: for all
  {surface["tools"]} tools, {surface["prompt_tokens"]:,} tokens instead of
  {surface["definition_tokens"]:,}.
{_few(found)}
- **Several calls that wait for nothing: either**, if the model makes parallel calls and the results
  are small, or must be read anyway.
- **A chain, where each call needs what the one before returned: programs**, one round trip instead
  of one for each link. That goes as far as the first choice that only reading can make, and it
  needs declared result types: without them the model has to look first.
- **Many reads, or large results of which little is needed: programs**; the more there is to leave
  out, the more is saved.
- **More tools than fit: search**, whichever way is taken then.
- **A model that often needs a second try: plain calls.** A failed try costs about one more round
  trip, {trip:,.0f} in price, and a program saves {saved:,.0f} on average. Above
  {saved / trip * 100:.0f} failures in 100 programs, parallel calls without failures are cheaper."""


def _few(found: Json) -> str:
    rows = found["scaling"]["sizes"]["10"] if found.get("scaling") else found["suites"]["bfcl"]
    there = "10 tools" if found.get("scaling") else "a task's own tools"
    calls = rows["tool search"]["cached_price"] / rows[BASELINE]["cached_price"]
    programs = rows["programs, search"]["cached_price"] / rows["programs"]["cached_price"]
    return (
        f"- **A handful of tools: all of them in the prompt.** With {there} there, searching makes "
        f"calls cost {calls:.2f} times as much, and programs {programs:.2f} times."
    )


def _published(found: Json) -> str:
    public, scaling = found["suites"]["all public"], found.get("scaling")
    size, largest = list(found["sweeps"].items())[-1]
    worst = found["losses"]["programs, search"]["price"]["worst"]
    rows = [
        (
            "Anthropic, *Code execution with MCP*: 150,000 tokens become 2,000 (-98.7 %), in one "
            "example of a large result that is only passed on, and of definitions read on demand",
            f"{size} reads: input {less(largest, 'lucky programs', 'calls')} against one call at a "
            f"time, {less(largest, 'lucky programs', BASELINE)} against parallel calls "
            f"({less(largest, 'programs', BASELINE)} if the model looks first). Such tasks exist; "
            "the public ones are not like that",
        ),
        (
            "UTCP's study: -68 % tokens on average, and +214 % with one model",
            f"input {less(public, 'programs', 'calls')} against one call at a time, "
            f"{less(public, 'programs', BASELINE)} against parallel calls, over all public tasks. "
            f"The worst task, with search, costs {change(1, worst)}, without any mistake; losses "
            "beyond that are a model that repairs its programs again and again",
        ),
    ]
    if scaling:
        rows.insert(
            1,
            (
                "Cloudflare: 1.17 million tokens of definitions become about 1,000",
                f"{scaling['definitions_of_all']:,} tokens of definitions "
                f"({scaling['tools_there']:,} tools) become a prompt of "
                f"{scaling['search_prompt_of_all']:,}. What a task needs of them is read later; it "
                "is counted above, and is not in such a figure",
            ),
        )
    head = "## Beside what others have published\n\n| published | here |\n| --- | --- |\n"
    return head + "\n".join(f"| {theirs} | {ours} |" for theirs, ours in rows)
