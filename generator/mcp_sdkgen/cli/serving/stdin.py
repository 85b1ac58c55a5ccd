"""Standard input that can be ended from here: the protocol's reader waits in a thread, for ever."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

_BLOCK: Final = 1 << 16


@contextmanager
def until_interrupted() -> Iterator[None]:
    """A block in which Ctrl-C is the end of standard input, so that its reader comes to an end as
    when the client has gone. Raises `KeyboardInterrupt` behind it then; a second Ctrl-C is at once.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell does in the background
        yield
        return
    source = os.dup(0)
    ours, theirs = socket.socketpair()
    os.dup2(theirs.fileno(), 0)
    theirs.close()
    interrupted = threading.Event()

    def stop(*_: Any) -> None:
        interrupted.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        with suppress(OSError):
            ours.shutdown(socket.SHUT_WR)

    def copy() -> None:
        with suppress(OSError):
            while data := os.read(source, _BLOCK):
                ours.sendall(data)
        with suppress(OSError):
            ours.shutdown(socket.SHUT_WR)

    before = signal.signal(signal.SIGINT, stop)
    # What it waits for may never come, and must not keep the process.
    threading.Thread(target=copy, name="stdin", daemon=True).start()
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if interrupted.is_set():
        raise KeyboardInterrupt
