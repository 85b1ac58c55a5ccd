"""The tasks: what a user says, turn by turn, and the calls that are right."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Json = dict[str, Any]

SERVER_OF_CLASS = {
    "GorillaFileSystem": "files",
    "MathAPI": "math",
    "MessageAPI": "messages",
    "TicketAPI": "tickets",
    "TradingBot": "trading",
    "TravelAPI": "travel",
    "TwitterAPI": "twitter",
    "VehicleControlAPI": "vehicle",
}
DOCUMENTS = {
    "files": "gorilla_file_system",
    "math": "math_api",
    "messages": "message_api",
    "tickets": "ticket_api",
    "trading": "trading_bot",
    "travel": "travel_booking",
    "twitter": "posting_api",
    "vehicle": "vehicle_control",
}
"""The file that documents each server of `bfcl-eval`."""

TAU2 = ("airline", "mock", "retail")


@dataclass(frozen=True)
class Call:
    """One right call: the server's key, the tool's wire name, its arguments."""

    server: str
    tool: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Turn:
    """What the user says, and the calls that answer it, in order."""

    said: str
    calls: tuple[Call, ...]


@dataclass(frozen=True)
class Task:
    """One conversation. `servers` are those whose tools the model has.

    `instructions` is the system text that comes with the task; `scenario` the simulators' start.
    """

    name: str
    suite: str
    servers: tuple[str, ...]
    turns: tuple[Turn, ...]
    instructions: str = ""
    scenario: Mapping[str, Any] = field(default_factory=dict)

    @property
    def calls(self) -> tuple[Call, ...]:
        """The calls of all turns."""
        return tuple(call for turn in self.turns for call in turn.calls)


def read_tasks(packages: Path) -> tuple[Task, ...]:
    """All tasks of the data packages below the site-packages folder `packages`."""
    return (*_bfcl(packages / "bfcl_eval" / "data"), *_tau2(packages))


def _lines(path: Path) -> Iterator[Json]:
    for line in path.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def _bfcl(data: Path) -> Iterator[Task]:
    file = "BFCL_v4_multi_turn_base.json"
    truths = {each["id"]: each["ground_truth"] for each in _lines(data / "possible_answer" / file)}
    for entry in _lines(data / file):
        server_of = {name: SERVER_OF_CLASS[name] for name in sorted(entry["involved_classes"])}
        known = _signatures(data, server_of.values())
        yield Task(
            name=entry["id"].removeprefix("multi_turn_"),
            suite="bfcl",
            servers=tuple(server_of.values()),
            turns=tuple(
                Turn(
                    "\n".join(message["content"] for message in said),
                    tuple(_written_call(text, known) for text in calls),
                )
                for said, calls in zip(entry["question"], truths[entry["id"]], strict=True)
            ),
            scenario={
                server: entry["initial_config"].get(name, {}) for name, server in server_of.items()
            },
        )


def _signatures(data: Path, servers: Iterable[str]) -> dict[str, tuple[str, list[str]]]:
    """The server of every tool, and the names of its parameters in order."""
    return {
        tool["name"]: (server, list(tool["parameters"]["properties"]))
        for server in servers
        for tool in _lines(data / "multi_turn_func_doc" / f"{DOCUMENTS[server]}.json")
    }


def _written_call(text: str, known: Mapping[str, tuple[str, list[str]]]) -> Call:
    """A call from its Python notation; positional arguments get their names."""
    node = ast.parse(text, mode="eval").body
    assert isinstance(node, ast.Call) and isinstance(node.func, ast.Name), text
    server, names = known[node.func.id]
    arguments = {
        name: ast.literal_eval(value) for name, value in zip(names, node.args, strict=False)
    }
    arguments |= {str(each.arg): ast.literal_eval(each.value) for each in node.keywords}
    return Call(server, node.func.id, arguments)


def _tau2(packages: Path) -> Iterator[Task]:
    for domain in TAU2:
        data = packages / f"tau2_{domain}_mcp" / "data"
        if domain != "mock":
            data = data / "tau2" / "domains" / domain
        policy = data / "policy.md"
        for entry in json.loads((data / "tasks.json").read_text(encoding="utf-8")):
            actions = (entry.get("evaluation_criteria") or {}).get("actions") or []
            # Tasks that end in words, and tasks that begin in the middle, have nothing to replay.
            if not actions or entry.get("initial_state"):
                continue
            calls = tuple(Call(domain, each["name"], each["arguments"]) for each in actions)
            yield Task(
                name=f"{domain}_{entry['id']}",
                suite=domain,
                servers=(domain,),
                turns=(Turn(_scenario(entry["user_scenario"]["instructions"]), calls),),
                instructions=policy.read_text(encoding="utf-8") if policy.exists() else "",
            )


def _scenario(instructions: str | Json) -> str:
    """What the user wants, as one message."""
    if isinstance(instructions, str):
        return instructions
    parts = ("reason_for_call", "known_info", "task_instructions")
    return "\n".join(instructions[part] for part in parts if instructions.get(part))
