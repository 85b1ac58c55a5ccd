"""What a terminal is shown of errors, notes, calls and outcomes."""

from __future__ import annotations

import pytest
from mcp_sdkgen.cli.found_policy import tell_unmatched
from mcp_sdkgen.cli.show import note, show_error
from mcp_sdkgen.cli.watch import Watch, show_outcome
from mcp_sdkgen.errors import SdkgenError
from mcp_sdkgen_codemode.events import CallEnded
from mcp_sdkgen_codemode.host_only import HostOnly
from mcp_sdkgen_codemode.outcome import Call, Outcome, ProgramError
from mcp_sdkgen_runtime.errors import BindingError, SessionError

SEVERAL_LINES = (
    str(BindingError("seq: nothing says how to reach this server", looked=["a.json", "b.json"])),
    str(SessionError("seq: it ended", stderr="Traceback:\n  error: no such module")),
)


@pytest.mark.parametrize("words", SEVERAL_LINES)
def test_an_error_of_several_lines_is_shown_on_several_lines(
    capsys: pytest.CaptureFixture[str], words: str
) -> None:
    failed = Call("seq", "think", "failed", 0, 0, 0, 0, message="it failed", detail=HostOnly(words))
    told = Call("seq", "think", "failed", 0, 0, 0, 0, message=words)
    show_error(SdkgenError(words))
    note(words)
    with Watch() as watch:
        watch(CallEnded(1, failed))
        watch(CallEnded(2, told))
    show_outcome(Outcome("finished", notes=(words,)))
    shown = capsys.readouterr().err
    assert "\\n" not in shown
    first, *rest = words.split("\n")
    assert shown.count(first) == 5
    # None of a server's lines could pass for one of ours.
    assert all(shown.count(f"  | {line}\n") == 5 for line in rest)


def test_what_a_program_cannot_have_is_told_with_the_option_that_gives_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    error = ProgramError("FileNotFoundError", "[Errno 2] No such file or directory: 'mcp.json'")
    show_outcome(Outcome("failed", error=error))
    assert "hint: a program sees no files of this machine; --in FILE" in capsys.readouterr().err


def test_patterns_with_a_comma_are_told_to_be_several(capsys: pytest.CaptureFixture[str]) -> None:
    tell_unmatched(["word/*,tasks/*", "word/create_documnt"], ["word/create_document", "tasks/x"])
    several, misspelt = capsys.readouterr().err.splitlines()
    assert several.endswith("write each by itself: --allow 'word/*' --allow 'tasks/*'")
    assert misspelt.endswith("did you mean word/create_document?")
