"""Checks are done one at a time, and whoever has many waits with them for whoever has few."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from mcp_sdkgen_codemode.executor.executor import Executor
from mcp_sdkgen_codemode.executor.fair_queue import FairQueue

A1, A2, B1, B2 = ("a", "1"), ("a", "2"), ("b", "1"), ("b", "2")


async def order(clients: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """In which order those get their turns who come in this one, while somebody has one."""
    queue, found = FairQueue(), []

    async def have(client: tuple[str, ...]) -> None:
        async with queue.turn(client):
            found.append(client)
            await asyncio.sleep(0)

    async with queue.turn(("somebody", "else")):
        waiting = [asyncio.create_task(have(client)) for client in clients]
        await asyncio.sleep(0)  # all of them stand in the queue now
        assert not found
    await asyncio.gather(*waiting)
    return found


@pytest.mark.parametrize(
    ("came", "served"),
    [
        ([A1, A1, A1, B1], [A1, B1, A1, A1]),
        ([A1, A1, A2, A2], [A1, A2, A1, A2]),
        # A principal gains nothing by having several clients.
        ([A1, A2, A1, A2, B1, B1], [A1, B1, A2, B1, A1, A2]),
        ([A1, B1, B2, A2], [A1, B1, A2, B2]),
        ([(), (), ()], [(), (), ()]),
    ],
)
def test_turns_go_round_by_principal_and_then_by_client(
    came: Sequence[tuple[str, ...]], served: Sequence[tuple[str, ...]]
) -> None:
    assert asyncio.run(order(came)) == list(served)


def test_who_comes_again_and_again_does_not_pass_who_waits() -> None:
    async def main() -> list[str]:
        queue, found = FairQueue(), []

        async def quick() -> None:
            for _ in range(5):
                async with queue.turn(B1):
                    found.append("quick")
                    await asyncio.sleep(0)

        async def slow() -> None:
            async with queue.turn(A1):
                found.append("slow")

        async with queue.turn(A1):
            waiting = [asyncio.create_task(one()) for one in (slow, slow, quick)]
            await asyncio.sleep(0)
        await asyncio.gather(*waiting)
        return found

    assert asyncio.run(main())[:4] == ["quick", "slow", "quick", "slow"]


@pytest.mark.parametrize("had_its_turn", [False, True])
def test_who_leaves_the_queue_holds_nobody_up(had_its_turn: bool) -> None:
    async def main() -> bool:
        queue = FairQueue()

        async def have() -> None:
            async with queue.turn():
                pass

        async with queue.turn():
            gone = asyncio.create_task(have())
            await asyncio.sleep(0)
            if not had_its_turn:
                gone.cancel()
                await asyncio.gather(gone, return_exceptions=True)
        # Its turn has come by now, and it does not know yet.
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        async with queue.turn():
            return True

    assert asyncio.run(main())


def test_programs_of_one_client_wait_with_their_checks_for_those_of_another() -> None:
    async def main() -> tuple[list[str], int]:
        found: list[str] = []
        async with Executor(sdks=[]) as executor:

            async def check(client: tuple[str, ...]) -> None:
                assert await executor.check("print(1)", client=client) == []
                found.append(client[0])

            many = [asyncio.create_task(check(A1)) for _ in range(40)]
            await asyncio.sleep(0)
            await check(B1)
            # None of those who wait has a thread meanwhile.
            done = len(found)
            await asyncio.to_thread(lambda: None)
            at_most = len(found) - done
            await asyncio.gather(*many)
        return found, at_most

    found, meanwhile = asyncio.run(main())
    assert found.index("b") <= 2
    assert meanwhile < 20
