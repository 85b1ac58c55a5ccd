"""Whose a sandbox is, and for how long: nowhere else is decided what outlives a program."""

from __future__ import annotations

from .pool import Pool, ReadySandbox
from .run import RunEnd


class SandboxLease:
    """A sandbox for one program or, if it is `lasting`, for those of a conversation.

    A lasting one is kept as long as each program tells its result; whatever else ends a program
    ends the sandbox. `earlier` are the programs whose variables are in it.
    """

    def __init__(self, *, lasting: bool = False) -> None:
        self.lasting = lasting
        self.earlier: tuple[str, ...] = ()
        self._sandbox: ReadySandbox | None = None

    @property
    def fresh(self) -> bool:
        """Whether nothing is left of earlier programs, or there were none."""
        return self._sandbox is None or not self._sandbox.alive

    async def take(self, pool: Pool) -> ReadySandbox:
        """The sandbox of earlier programs, else one of the pool. Raises `SandboxError`."""
        if self._sandbox is None or not self._sandbox.alive:
            await self.release()
            return await pool.take()
        return self._sandbox

    def settle(self, pool: Pool, sandbox: ReadySandbox, program: str, end: RunEnd) -> None:
        """A program has ended: keep its sandbox for the next one, or give it up."""
        if self.lasting and end.result is not None:
            self._sandbox = sandbox
            self.earlier = (*self.earlier, program)
        else:
            self._sandbox, self.earlier = None, ()
            pool.discard(sandbox)

    async def release(self) -> None:
        """End what is left of earlier programs."""
        sandbox, self._sandbox = self._sandbox, None
        self.earlier = ()
        if sandbox is not None:
            await sandbox.end()
