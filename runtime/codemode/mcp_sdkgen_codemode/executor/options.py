"""What may be said of an executor and of a run. Each option is declared here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypedDict

from mcp_sdkgen_runtime import SessionOptions
from mcp_sdkgen_runtime.config.binding import Binding

from ..broker.journal import Journal
from ..catalog import Sdk
from ..events import OnEvent
from ..library.library import Library
from ..limits import Limits
from ..policy.approval import Approver
from ..policy.approval_store import ApprovalStore
from ..policy.plan import BeforeStart
from ..policy.policy import Policy
from ..program_input import ReadStdin


class ExecutorOptions(TypedDict, total=False):
    """What may be said of an `Executor`."""

    sdks: Iterable[Sdk] | None
    """Those that a program may use; all installed ones if unset."""
    bindings: Mapping[str, Binding] | None
    """Where their servers are, by server key, where `configure`, the environment and the nearest
    configuration are not to decide."""
    policy: Policy | None
    """What judges every tool call; if unset, only what reads is allowed."""
    limits: Limits | None
    """What one run may use at most."""
    approver: Approver | None
    """Who answers where the policy says "ask". Without one, asking is refusing."""
    approved: ApprovalStore | None
    """What was approved for ever is kept in it."""
    packages: Sequence[str]
    """Further distributions that a program may import."""
    engine: str
    """`bubblewrap`, `podman`, `docker` or `gvisor`; the best that passes its self-test if unset."""
    sandboxes: int
    """How many are kept ready at most; the number of cores if unset."""
    single: bool
    """Whether one program only will be run: no sandbox is started for a next one."""
    payloads: bool
    """Whether outcomes keep the arguments and results of calls, for a trace."""
    library: Library | None
    """Saved programs, which others may import from `programs`."""
    files: Mapping[str, bytes]
    """Files that every program finds in its working folder, by their names there."""
    session: SessionOptions | None
    """How sessions to servers behave."""
    rerank: bool
    """Whether tools are searched by meaning too; needs `mcp-sdkgen-codemode[rerank]`."""
    absent: Sequence[str]
    """Keys of further servers that the policy may speak of, though no program can use them here."""
    missing: Sequence[str]
    """Of servers that could not be had: which, and why, for whoever uses the executor."""


class RunOptions(TypedDict, total=False):
    """What may be said of one run."""

    typecheck: bool
    """Whether the program is type-checked first; true if unset."""
    argv: Sequence[str]
    """What the program finds in `sys.argv` after its name."""
    stdin: bytes | ReadStdin
    """What it reads from its standard input, or what reads that for it; nothing if unset."""
    files: Mapping[str, bytes]
    """Files for this program, beside those of the executor."""
    timeout_s: float
    """Wall clock of this run, in seconds."""
    policy: Policy
    """What judges this run's calls, instead of the executor's."""
    approver: Approver
    """Who answers where this run's policy says "ask", instead of the executor's."""
    before: BeforeStart
    """Asked before the program starts, if calls that it is foreseen to make must be approved."""
    approved: ApprovalStore
    """What was approved for ever is kept in it, instead of in the executor's."""
    client: Sequence[str]
    """For whom it is, from the whole to the part, as a tenant and one of its users. Where programs
    wait to be checked, the tenant and then the user is next whose last turn is longest ago."""
    journal: Journal
    """What calls are answered is kept in it, and what it already holds is not done again. With it,
    a run can be suspended by its approver, and be resumed by another run of the same program."""
    on_event: OnEvent
    """Called with what happens while the program runs."""


def check_known(options: Mapping[str, Any], declared: type) -> None:
    """Raises `TypeError` for an option that is not declared: a misspelt policy must not be none."""
    known = declared.__annotations__
    if unknown := sorted(options.keys() - known.keys()):
        raise TypeError(f"there is no option {unknown[0]!r}; there are {', '.join(known)}")
