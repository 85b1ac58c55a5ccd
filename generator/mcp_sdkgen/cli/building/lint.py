"""`mcp-sdkgen lint`"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated

import typer
from mcp_sdkgen_runtime.text import listed
from rich.text import Text

from ...lint import HOST_RULES, Finding, Lint
from ...lint import lint as find
from ...lock.lock import take_snapshots
from .. import options
from ..show import counted, error_lines, print_json, safe, say, stderr, stdout
from ..show_work import progress

FORMAT = "mcp-sdkgen/lint/1"
PLACES = 3
MOST_PLACES = 8
"""Of equal findings, how many are shown in one tool; of tools that share one, how many names."""


def lint(
    context: typer.Context,
    sources: options.Sources = None,
    config: options.Config = None,
    name: options.Name = None,
    from_client: options.From = None,
    timeout: options.Timeout = None,
    min_score: Annotated[
        int, typer.Option(min=0, max=100, help="The lowest score that passes.")
    ] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> int:
    """Score a server's tool list, and say what would be better.

    100 means that nothing is found. Exit code 0: every score is good enough. 1: some is not.
    2: wrong usage or configuration, or a server that cannot be asked.
    """
    found = options.resolved(context, sources, config, name, from_client)
    with progress() as tell:
        taken = take_snapshots(
            found.sources, None, timeout_s=timeout or found.timeout_s, on_progress=tell
        )
    results = [find(one.snapshot) for one in taken if one.snapshot is not None]
    failed = [one for one in taken if one.snapshot is None]
    for one in failed:
        for line in error_lines(one.failure):
            stderr.print(line, soft_wrap=True)
    code = 2 if failed else int(any(one.score < min_score for one in results))
    if as_json:
        data = {
            "format": FORMAT,
            "exit_code": code,
            "servers": [one.to_json() for one in results],
            "failed": [{"server": one.name, "error": str(one.failure)} for one in failed],
        }
        print_json(data)
    for result in () if as_json else results:
        if len(results) > 1:
            stdout.print(safe(f"server {result.server}", "bold underline"), soft_wrap=True)
        _show(result)
    return code


def _show(result: Lint) -> None:
    """What several tools have alike, then what is only in one: by rule, so that each fix is told
    once."""
    alike = _in_several(result)
    if alike:
        stdout.print(safe("several tools", "bold"))
        _show_findings(list(alike), alike)
    for tool in result.tools:
        if own := [each for each in tool.findings if _without_place(each) not in alike]:
            stdout.print(safe(f"{tool.tool}  {tool.score}", "bold"), soft_wrap=True)
            _show_findings(own)
    if result.findings:
        stdout.print(safe("the server", "bold"))
        _show_findings(result.findings)
    _show_hosts(result)
    tools = counted(len(result.tools), "tool")
    findings = counted(len(result.all_findings), "finding")
    style = "green" if result.score == 100 else "yellow"
    line = f"{result.server}: score {result.score} of 100, {findings} in {tools}"
    stdout.print(safe(line, style), soft_wrap=True)


def _show_hosts(result: Lint) -> None:
    """What each host refuses, with the tools that it is of and the page that says so."""
    for host in dict.fromkeys(each.rule.host for each in result.hosts):
        stdout.print(safe(host, "bold"), soft_wrap=True)
        own = [each for each in result.hosts if each.rule.host == host]
        for code in dict.fromkeys(each.code for each in own):
            tools = [each.tool for each in own if each.code == code and each.tool]
            rule = HOST_RULES[code]
            say(stdout, Text(" ").join((safe(f"  {rule.what}"), safe(f"[{code}]", "dim"))))
            if tools:
                say(stdout, safe(f"    in {_listed(tools)}", "dim"), hanging=7)
            said = "user report" if rule.reported else "source"
            say(stdout, safe(f"    {said}: {rule.source}", "dim"), hanging=12)


def _in_several(result: Lint) -> dict[Finding, list[str]]:
    """The findings that more than one tool has, without their places, with those tools."""
    having: dict[Finding, list[str]] = {}
    for tool in result.tools:
        for finding in dict.fromkeys(map(_without_place, tool.findings)):
            having.setdefault(finding, []).append(tool.tool)
    return {finding: tools for finding, tools in having.items() if len(tools) > 1}


def _without_place(finding: Finding) -> Finding:
    return replace(finding, pointer="")


def _show_findings(
    findings: Sequence[Finding], tools: Mapping[Finding, Sequence[str]] | None = None
) -> None:
    """Findings by their rules, each with the `tools` that have it where it is of several."""
    for code in dict.fromkeys(each.code for each in findings):
        of_code = [each for each in findings if each.code == code]
        shown = of_code if len(of_code) <= MOST_PLACES else of_code[:PLACES]
        messages = Counter(each.message for each in of_code)
        for each in shown:
            # Where several are worded alike, each is told with its place.
            place = f" at {each.pointer}" if each.pointer and messages[each.message] > 1 else ""
            parts = (safe(f"  {each.message}{place}"), safe(f"[{code}]", "dim"))
            say(stdout, Text(" ").join(parts))
            if tools:
                say(stdout, safe(f"    in {_listed(tools[each])}", "dim"), hanging=7)
        if more := len(of_code) - len(shown):
            say(stdout, safe(f"  … and {more} more of these; --json lists all"), hanging=4)
        say(stdout, safe(f"    fix: {of_code[0].fix}", "dim"), hanging=9)


def _listed(tools: Sequence[str]) -> str:
    return f"{counted(len(tools), 'tool')}: {listed(tools, where='--json lists all')}"
