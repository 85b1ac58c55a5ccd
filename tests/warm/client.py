"""Runs what Python would run, in a fork of a process that has done the imports (`server.py`).

    python -I -S client.py SOCKET [SCRIPT | -m MODULE | -c CODE] [ARGUMENT ...]

It is started often, so it imports little.
"""

import contextlib
import fcntl
import json
import os
import signal
import socket
import sys
import termios

FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1)
HEEDED = ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PYTHONUTF8")
"""Variables of Python that a fork heeds, whose mode is UTF-8. Where others differ from those of the
process that is forked, a new interpreter starts."""


def main() -> None:
    """Hand everything over, and end as the command does."""
    _, path, *arguments = sys.argv
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(path)
        answers = server.makefile()
        started_with = json.loads(answers.readline())
        what = arguments[0] if arguments else "-"
        if read_at_start() != started_with or (what[0] == "-" and what not in ("-m", "-c")):
            os.execv(sys.executable, [sys.executable, *arguments])
        ignored = [n for n in FORWARDED if signal.getsignal(n) == signal.SIG_IGN]
        leave_terminal()
        request = {
            "arguments": arguments,
            "environment": dict(os.environ),
            "folder": os.getcwd(),  # noqa: PTH109
            "umask": umask(),
            "ignored": list(map(int, ignored)),
        }
        data = json.dumps(request).encode()
        socket.send_fds(server, [len(data).to_bytes(4)], [0, 1, 2])
        server.sendall(data)
        pid = int(answers.readline())
        for number in set(FORWARDED) - set(ignored):
            signal.signal(number, lambda received, _: os.kill(pid, received))
        code = int(answers.readline())
    if code < 0:
        if -code != signal.SIGKILL:
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


def read_at_start() -> dict[str, str]:
    """The variables that an interpreter reads as it starts, without those of `HEEDED`."""
    return {
        name: value
        for name, value in os.environ.items()
        if name.startswith(("PYTHON", "LANG", "LC_", "TZ")) and name not in HEEDED
    }


def leave_terminal() -> None:
    """Free the terminal of this session, which is to be the one of the command's."""
    with contextlib.suppress(OSError):
        if os.isatty(0) and os.getsid(0) == os.getpid():
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            fcntl.ioctl(0, termios.TIOCNOTTY)


def umask() -> int:
    """The mask of permissions of this process."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


if __name__ == "__main__":
    main()
