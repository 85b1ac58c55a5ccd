"""No call runs without an approval of exactly that call, whatever comes in whatever order."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from mcp_sdkgen_codemode.broker.call import CallPipeline, CallRequest, PendingCall
from mcp_sdkgen_codemode.broker.journal import Journal
from mcp_sdkgen_codemode.limits import Limits
from mcp_sdkgen_codemode.policy.approval import Answer, ApprovalRequest, Approvals
from mcp_sdkgen_codemode.policy.approval_record import ApprovalKey
from mcp_sdkgen_codemode.policy.approval_store import ApprovalStore
from mcp_sdkgen_codemode.policy.policy import Policy
from mcp_sdkgen_codemode.policy.services import Service
from mcp_sdkgen_codemode.serve.client import STDIO, Client
from mcp_sdkgen_codemode.serve.live_run import LiveRun

from tests.codemode.broker.guests import definition

TOOLS = ("write", "wipe")
Sent = tuple[str, int]


class Server:
    """The session with a server, which notes what reaches it."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []

    async def call(self, tool: str, arguments: Mapping[str, Any], *, options: Any) -> Any:
        from mcp_sdkgen_runtime import RawResult

        self.sent.append((tool, arguments["n"]))
        return RawResult([{"type": "text", "text": "done"}])


class Machine(RuleBasedStateMachine):
    """Two runs with one client each. A person answers what they are shown, late, twice, wrongly."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = TemporaryDirectory()
        self.key = ApprovalKey(Path(self.folder.name) / "key")
        self.store = ApprovalStore(Path(self.folder.name) / "approvals.json", self.key)
        self.server = Server()
        self.judged = 0
        self.once: list[Sent] = []
        """What a person said yes to, one entry for each yes to a question that was open."""
        self.for_run: dict[int, set[str]] = {0: set(), 1: set()}
        self.for_ever: set[str] = set()
        self.shown: list[tuple[int, ApprovalRequest]] = []
        self.live = [LiveRun(name, Client(STDIO), may_suspend=True) for name in "ab"]
        self.pipelines = [self._pipeline(run, self._journal(run)) for run in (0, 1)]
        self.calls: list[tuple[int, PendingCall, asyncio.Task[Any]]] = []

    def _journal(self, run: int) -> Journal:
        path = Path(self.folder.name) / f"{run}.jsonl"
        if path.exists():
            return Journal.open(path, key=self.key, patience_s=0.0)
        return Journal.create(path, "", key=self.key)

    def _pipeline(self, run: int, journal: Journal) -> CallPipeline:
        definitions = {name: definition(name, {}) for name in TOOLS}
        approvals = Approvals(self.live[run].ask, self.store)
        return CallPipeline(
            {"s": Service.of("s", self.server, definitions)},
            Limits(), Policy(), approvals, journal,
        )  # fmt: skip

    def _turn(self, work: Coroutine[Any, Any, Any] | None = None) -> None:
        async def some_steps() -> None:
            if work is not None:
                await work
            # Files are flushed in threads: let every call come to its question or its end.
            for _ in range(200):
                await asyncio.sleep(0)
                waiting = [one for one in asyncio.all_tasks(self.loop) if not one.done()]
                if len(waiting) == 1:
                    break
                await asyncio.sleep(0.0005)

        self.loop.run_until_complete(some_steps())
        for run, live in enumerate(self.live):
            if live.open is not None and (run, live.open.request) not in self.shown:
                self.shown.append((run, live.open.request))

    @rule(run=st.integers(0, 1), tool=st.sampled_from(TOOLS), n=st.integers(0, 2))
    def the_program_calls(self, run: int, tool: str, n: int) -> None:
        async def start() -> None:
            asked = CallRequest("s", tool, {"n": n}, "token")
            pipeline = self.pipelines[run]
            pending = pipeline.pending(asked, lambda: None, lambda *_: None)
            task = asyncio.ensure_future(pipeline.answer(pending))
            # A resumed run may make other calls than its journal has; that ends only the call here.
            task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
            self.calls.append((run, pending, task))

        self._turn(start())

    @rule(which=st.integers(0, 5))
    def the_program_withdraws(self, which: int) -> None:
        under_way = [each for each in self.calls if not each[2].done()]
        if under_way:
            _, pending, task = under_way[which % len(under_way)]
            pending.withdrawn = True
            task.cancel()
            self._turn()

    @rule(
        which=st.integers(0, 9),
        to=st.integers(0, 1),
        answer=st.sampled_from(("once", "run", "always", "no")),
    )
    def a_person_answers(self, which: int, to: int, answer: Answer) -> None:
        """Any question ever shown, through the client of either run."""
        if not self.shown:
            return
        run, request = self.shown[-1 - which % len(self.shown)]
        open_question = self.live[to].open
        counts = (
            to == run
            and open_question is not None
            and open_question.nonce == request.nonce
            and not open_question.answer.done()
        )
        if counts and answer == "once":
            self.once.append((request.tool, request.arguments["n"]))
        elif counts and answer == "run":
            self.for_run[run].add(request.tool)
        elif counts and answer == "always":
            self.for_ever.add(request.tool)

        async def give() -> None:
            self.live[to].answer(request.nonce, answer)

        self._turn(give())

    @rule(run=st.integers(0, 1))
    def the_run_is_resumed(self, run: int) -> None:
        async def end() -> None:
            own = [task for each, _, task in self.calls if each == run and not task.done()]
            for task in own:
                task.cancel()
            await asyncio.gather(*own, return_exceptions=True)

        self._turn(end())
        journal = self.pipelines[run].journal
        assert journal is not None
        journal.close()
        self.live[run] = LiveRun(self.live[run].handle, Client(STDIO), may_suspend=True)
        self.pipelines[run] = self._pipeline(run, self._journal(run))

    @invariant()
    def every_call_was_approved(self) -> None:
        granted = self.for_ever | self.for_run[0] | self.for_run[1]
        for sent in self.server.sent[self.judged :]:
            assert sent[0] in granted or sent in self.once, f"{sent} was sent without approval"
            if sent[0] not in granted:
                self.once.remove(sent)
        self.judged = len(self.server.sent)

    def teardown(self) -> None:
        async def end() -> None:
            tasks = [task for _, _, task in self.calls if not task.done()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        self.loop.run_until_complete(end())
        for pipeline in self.pipelines:
            assert pipeline.journal is not None
            pipeline.journal.close()
        self.loop.close()
        self.folder.cleanup()


TestApprovals = Machine.TestCase
# A busy machine is slow, and that is no fault of what is tested.
TestApprovals.settings = settings(
    max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
