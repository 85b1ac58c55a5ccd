"""What a server says on stderr when it cannot start."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from mcp_sdkgen_runtime import Arguments, Client, SessionError, Tool, Unstructured

ANY: Tool[Unstructured] = Tool(
    server="odd", name="any", arguments=Arguments, result=Unstructured, digest=""
)


class Odd(Client):
    SERVER = "odd"


@pytest.mark.parametrize("lines", [50, 20_000])
def test_a_failed_start_shows_the_first_and_the_last_lines_of_stderr(
    tmp_path: Path, lines: int
) -> None:
    program = tmp_path / "server.py"
    program.write_text(
        "import sys\nprint('the cause', file=sys.stderr)\n"
        f"for n in range({lines}): print('noise', n, file=sys.stderr)\n"
        "sys.exit('the end')\n"
    )
    with pytest.raises(SessionError) as failed:
        Odd([sys.executable, str(program)])._call(ANY, {})
    told = failed.value.stderr.splitlines()
    assert (told[0], told[-1], told.count("…")) == ("the cause", "the end", 1)
