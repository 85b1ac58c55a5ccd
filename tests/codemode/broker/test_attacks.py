"""A hostile sandbox against the broker: its run ends with a clear reason, and nobody else's
does."""

from __future__ import annotations

import array
import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from mcp_sdkgen_codemode.broker.broker import Broker, OutOfTime, Run
from mcp_sdkgen_codemode.broker.channel import ChannelClosed, HostChannel
from mcp_sdkgen_codemode.broker.framing import Violation
from mcp_sdkgen_codemode.limits import Limits

from tests.codemode.broker.guests import Fake, RawGuest, definition, raw_guest, text

Attack = Callable[[RawGuest], None]


def raw(data: bytes) -> Attack:
    return lambda guest: guest.send(data)


def told(method: str, params: Any = None, **more: Any) -> Attack:
    return lambda guest: guest.tell(method, params, **more)


def wrong_token(guest: RawGuest) -> None:
    guest.token = "guessed"
    guest.call(1)


def same_id_twice(guest: RawGuest) -> None:
    guest.call(1)
    guest.call(1)


def id_that_counts_down(guest: RawGuest) -> None:
    guest.call(2)
    guest.call(1)


def two_names(guest: RawGuest) -> None:
    guest.send(
        b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read","name":"write",'
        b'"arguments":{},"_meta":{"mcp-sdkgen/server":"fake","mcp-sdkgen/token":"%s"}}}\n'
        % guest.token.encode()
    )


def params_of(**params: Any) -> Attack:
    return told("tools/call", params, id=1)


PROTOCOL: dict[str, Attack] = {
    "garbage": raw(b"\x00\x00\x00\x05hello\n"),
    "a length prefix of 4 GiB": raw(b"\xff\xff\xff\xff" + b"A" * 1000 + b"\n"),
    "nesting": raw(b"[" * 400_000 + b"]" * 400_000 + b"\n"),
    "a huge integer": raw(
        b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":' + b"9" * 500_000 + b"}}\n"
    ),
    "NaN": raw(b'{"jsonrpc":"2.0","method":"sandbox/progress","params":{"progress":NaN}}\n'),
    "the same key twice": two_names,
    "the same id twice": same_id_twice,
    "an id that counts down": id_that_counts_down,
    "a batch": raw(b"[]\n"),
    "a reply": raw(b'{"jsonrpc":"2.0","id":1,"result":{}}\n'),
    "a forged start": told("sandbox/run", {"program": "x", "token": "t"}),
    "a second ready": told("sandbox/ready"),
    "an unknown notification": told("notifications/tools/list_changed"),
    "another run's token": wrong_token,
    "no token": params_of(name="read", arguments={}, _meta={"mcp-sdkgen/server": "fake"}),
    "no server": params_of(name="read", arguments={}, _meta={"mcp-sdkgen/token": "t"}),
    "no name": params_of(arguments={}),
    "a name that is no text": params_of(name=["read"], arguments={}),
    "arguments that are no object": params_of(name="read", arguments=[1]),
    "null arguments": params_of(name="read", arguments=None),
    "a _meta that is no object": params_of(name="read", _meta=1),
    "a task": params_of(name="read", arguments={}, task={"ttl": 1}),
    "a prompt without a name": told("prompts/get", {"arguments": {}}, id=1),
    "a resource without a URI": told("resources/read", {}, id=1),
    "a URI that is no text": told("resources/read", {"uri": ["file:///"]}, id=1),
    "a resource with a name": told("resources/read", {"uri": "a://b", "name": "read"}, id=1),
    "a resource of another run": told(
        "resources/read",
        {"uri": "a://b", "_meta": {"mcp-sdkgen/server": "fake", "mcp-sdkgen/token": "t"}},
        id=1,
    ),
    "a result of no known status": told("sandbox/result", {"status": "approved"}),
    "a file outside": told("sandbox/file", {"name": "../x", "data": ""}),
    "an absolute file": told("sandbox/file", {"name": "/etc/x", "data": ""}),
    "a hidden file": told("sandbox/file", {"name": ".git/config", "data": ""}),
    "a file in a hidden folder": told("sandbox/file", {"name": "a/.b/c", "data": ""}),
    "a file with an escape": told("sandbox/file", {"name": "a\x1b[2J", "data": ""}),
    "a file that is no base64": told("sandbox/file", {"name": "a", "data": "%%%"}),
    "a third stream": told("sandbox/output", {"stream": "stdin", "data": ""}),
    "progress in words": told("sandbox/progress", {"progress": "much"}),
    "huge progress": told("sandbox/progress", {"progress": 10**400}),
}
SMALL = Limits(
    arguments_bytes=4096, value_bytes=4096, result_bytes=1 << 20, traffic_bytes=1 << 23, calls=40,
    artifacts=2, artifact_bytes=100, output_bytes=10, time_s=20,
)  # fmt: skip
LIMITS: dict[str, tuple[Attack, str]] = {
    "a frame that never ends": (raw(b"A" * 100_000), "longer than"),
    "a long call": (lambda guest: guest.call(1, x="A" * 5000), "longer than 4096"),
    "too many calls": (lambda guest: [guest.call(n) for n in range(60)] and None, "quota"),
    "a flood of pings": (
        lambda guest: [guest.tell("ping", id=n) for n in range(9000)] and None,
        "all calls and answers together",
    ),
    "too many files": (
        lambda guest: [guest.tell("sandbox/file", {"name": n, "data": ""}) for n in "abc"] and None,
        "more than 2 files",
    ),
    "large files": (
        lambda guest: guest.tell("sandbox/file", {"name": "a", "data": "A" * 200}),
        "exceed 100 bytes",
    ),
    "much output": (
        lambda guest: guest.tell("sandbox/output", {"stream": "stdout", "data": "A" * 400}),
        "output exceeds",
    ),
}


async def _bystander(broker: Broker) -> None:
    """Somebody else's run is served as ever."""
    run = Run(broker)
    async with raw_guest(run) as (guest, serving):
        guest.call(1)
        assert (await guest.frame())["result"]["content"] == [text("read done")]
        guest.tell("sandbox/result", {"status": "finished", "value": 1})
        assert (await serving).value == 1


def attacked(
    attack: Attack, limits: Limits | None = None, fake: Fake | None = None
) -> tuple[BaseException, Run]:
    async def main() -> tuple[BaseException, Run]:
        broker = Broker({"fake": (fake or Fake()).service()})
        run = Run(broker, limits=limits)
        async with raw_guest(run) as (guest, serving):
            attack(guest)
            with pytest.raises((Violation, ChannelClosed, OutOfTime)) as caught:
                await serving
        await _bystander(Broker({"fake": Fake().service()}))
        return caught.value, run

    return asyncio.run(main())


@pytest.mark.parametrize("name", PROTOCOL)
def test_a_breach_of_the_protocol_ends_that_run_alone(name: str) -> None:
    fake = Fake()
    error, _ = attacked(PROTOCOL[name], fake=fake)
    assert str(error).startswith("protocol: ")
    assert not any(tool == "write" for tool, _ in fake.asked)


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_ends_that_run_alone(name: str) -> None:
    attack, reason = LIMITS[name]
    error, _ = attacked(attack, SMALL)
    assert str(error).startswith("limit: ")
    assert reason in str(error)


def test_answers_left_unread_end_the_run() -> None:
    fake = Fake(lambda tool, arguments: "A" * 500_000)

    def flood(guest: RawGuest) -> None:
        for number in range(40):
            guest.call(number)

    error, _ = attacked(flood, SMALL, fake)
    assert "unread" in str(error)


def test_half_a_frame_ends_when_the_time_is_over() -> None:
    error, _ = attacked(raw(b'{"jsonrpc":"2.0",'), Limits(time_s=0.2))
    assert isinstance(error, OutOfTime)


def test_a_channel_that_is_closed_without_a_result_is_no_result() -> None:
    error, _ = attacked(lambda guest: guest.writer.close())
    assert isinstance(error, ChannelClosed)


async def _spoken(script: Callable[[RawGuest, Run], Awaitable[None]], **options: Any) -> Run:
    run = Run(Broker({"fake": Fake().service()}), **options)
    async with raw_guest(run) as (guest, serving):
        await script(guest, run)
        if not serving.done():
            guest.tell("sandbox/result", {"status": "finished"})
        await serving
    return run


def test_a_forged_result_is_a_result_and_what_follows_is_not_heard() -> None:
    async def script(guest: RawGuest, run: Run) -> None:
        guest.tell("sandbox/result", {"status": "finished", "value": "forged"})
        guest.call(1)
        guest.call(2, "write")

    async def main() -> Run:
        fake = Fake()
        run = Run(Broker({"fake": fake.service()}))
        async with raw_guest(run) as (guest, serving):
            await script(guest, run)
            assert (await serving).value == "forged"
        assert fake.asked == []
        return run

    assert asyncio.run(main()).calls == []


@pytest.mark.parametrize(
    ("server", "tool", "kind"),
    [
        ("fake", "admin.rotate_keys", "refused"),
        ("fake", "write", "refused"),
        ("other", "read", "refused"),
        ("", "", "refused"),
        ("fake", "__class__", "refused"),
        ("fake", "read\x1b[2J\u202e", "refused"),
    ],
)
def test_a_forged_client_has_no_more_rights(server: str, tool: str, kind: str) -> None:
    async def script(guest: RawGuest, run: Run) -> None:
        guest.call(1, tool, server=server)
        answer = await guest.frame()
        assert answer["error"]["data"] == {"kind": kind, "ran": False}
        assert "not allowed" in answer["error"]["message"]
        assert answer["error"]["message"].isprintable()

    run = asyncio.run(_spoken(script))
    assert run.calls[0].status in ("refused", "invalid")


@pytest.mark.parametrize(
    "method",
    [
        "resources/list", "prompts/list", "sampling/createMessage", "elicitation/create",
        "roots/list", "logging/setLevel", "completion/complete", "sandbox/run", "tools/Call", "",
    ],
)  # fmt: skip
def test_other_methods_do_not_exist(method: str) -> None:
    async def script(guest: RawGuest, run: Run) -> None:
        guest.tell(method, {}, id=1)
        assert (await guest.frame())["error"]["code"] == -32601

    asyncio.run(_spoken(script))


def test_the_strict_subset_is_spoken() -> None:
    async def script(guest: RawGuest, run: Run) -> None:
        guest.tell("initialize", {"protocolVersion": "2025-11-25", "capabilities": {}}, id=0)
        assert (await guest.frame())["result"]["capabilities"] == {
            "tools": {}, "prompts": {}, "resources": {},
        }  # fmt: skip
        guest.tell("notifications/initialized")
        guest.tell("ping", id=1)
        assert (await guest.frame())["result"] == {}
        guest.tell("tools/list", id=2)
        tools = (await guest.frame())["result"]["tools"]
        assert [tool["name"] for tool in tools] == ["read", "write"]

    asyncio.run(_spoken(script))


def test_descriptors_sent_along_are_never_taken() -> None:
    async def script(guest: RawGuest, run: Run) -> None:
        sock = guest.writer.get_extra_info("socket")
        frame = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "ping"}).encode() + b"\n"
        passed = array.array("i", [0, 1, 2])
        with socket.fromfd(sock.fileno(), socket.AF_UNIX, socket.SOCK_STREAM) as ours:
            ours.sendmsg([frame], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, passed)])
        assert (await guest.frame())["result"] == {}

    asyncio.run(_spoken(script))


def test_arguments_that_break_the_schema_are_answered_and_the_run_goes_on() -> None:
    add = definition(
        "add", properties={"a": {"type": "number"}, "b": {"type": "number"}}, required=["a", "b"],
        additionalProperties=False,
    )  # fmt: skip
    fake = Fake()

    async def main() -> None:
        run = Run(Broker({"fake": fake.service(add)}))
        async with raw_guest(run) as (guest, _):
            for number, given in enumerate(
                ({"a": {"x": 1}, "b": None}, {"a": 1}, {"a": 1, "b": 2, "c": 3})
            ):
                guest.call(number, "add", **given)
                error = (await guest.frame())["error"]
                assert error["code"] == -32602
                assert error["data"] == {"kind": "arguments", "ran": False}
            guest.call(9, "add", a=1, b=2)
            assert "result" in await guest.frame()
        assert [call.status for call in run.calls] == ["invalid"] * 3 + ["ok"]

    asyncio.run(main())
    assert fake.asked == [("add", {"a": 1, "b": 2})]


def test_a_call_of_a_program_that_has_ended_is_refused_and_no_violation() -> None:
    async def main() -> None:
        ours, theirs = socket.socketpair()
        channel = await HostChannel.of(ours, Limits())
        guest = RawGuest(*await asyncio.open_connection(sock=theirs))
        broker = Broker({"fake": Fake().service()})
        first = asyncio.create_task(Run(broker).serve(channel, "1", keep=True))
        await guest.begun()
        guest.tell("sandbox/result", {"status": "finished"})
        guest.call(1)
        await first
        second = asyncio.create_task(Run(broker).serve(channel, "2", keep=True))
        late = guest.token
        await guest.begun()
        assert guest.token != late
        assert "has ended" in (await guest.frame())["error"]["message"]
        guest.call(2)
        assert "result" in await guest.frame()
        guest.tell("sandbox/result", {"status": "finished", "value": 2})
        assert (await second).value == 2
        guest.writer.transport.abort()
        channel.close()

    asyncio.run(main())
