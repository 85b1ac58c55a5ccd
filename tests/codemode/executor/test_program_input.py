"""What a program is started with: arguments, standard input, files."""

from __future__ import annotations

import asyncio

import pytest
from mcp_sdkgen_codemode import Executor, Limits, execute
from mcp_sdkgen_codemode.executor.conversation import Conversation
from mcp_sdkgen_codemode.executor.options import RunOptions
from mcp_sdkgen_codemode.outcome import Outcome


def refused(**files: bytes) -> str:
    """Why an executor does not take these files."""
    with pytest.raises(ValueError) as caught:
        Executor(files={name.replace("__", "/"): data for name, data in files.items()})
    return str(caught.value)


def test_a_program_gets_arguments_and_standard_input(executor: Executor) -> None:
    program = "import sys\n[sys.argv[1:], input(), sys.stdin.read(), sys.stdin.read()]"
    outcome = executor.run(program, argv=["--n", "zwei"], stdin="a\nb\nü\n".encode())
    assert outcome.value == [["--n", "zwei"], "a", "b\nü\n", ""], outcome


def test_without_standard_input_there_is_nothing_to_read(executor: Executor) -> None:
    outcome = executor.run("import sys\n[sys.argv[1:], sys.stdin.read()]")
    assert outcome.value == [[], ""]


def test_standard_input_is_asked_for_only_when_the_program_reads_it(executor: Executor) -> None:
    asked = []

    async def read(most: int) -> bytes:
        asked.append(most)
        return b"x" if len(asked) == 1 else b""

    assert executor.run("1", stdin=read).value == 1
    assert asked == []
    assert executor.run("input()", stdin=read).value == "x"
    assert asked


def test_why_standard_input_cannot_be_read_is_an_error_in_the_program(executor: Executor) -> None:
    async def read(most: int) -> bytes:
        raise OSError("nobody types here")

    outcome = executor.run("input()", stdin=read)
    assert outcome.error is not None
    assert (outcome.error.type, outcome.error.line) == ("OSError", 1)
    assert "nobody types here" in outcome.error.message


def test_a_program_that_waits_for_its_input_is_ended_in_time(executor: Executor) -> None:
    async def read(most: int) -> bytes:
        await asyncio.Event().wait()
        return b""

    assert executor.run("input()", stdin=read, timeout_s=0.2).status == "timed_out"


def test_files_are_in_the_working_folder_to_be_read_and_do_not_come_back(
    executor: Executor,
) -> None:
    program = """
import os
def tried(change):
    try:
        change()
    except OSError as error:
        return type(error).__name__
with open("new.txt", "w") as file:
    file.write("mine")
[
    open("a.csv").read(),
    open("folder/b.bin", "rb").read().hex(),
    tried(lambda: open("a.csv", "a")),
    tried(lambda: os.chmod("a.csv", 0o666)),
]
"""
    files = {"a.csv": b"1,2\n", "folder/b.bin": b"\x00\xff", "empty": b""}
    outcome = executor.run(program, files=files)
    assert outcome.value == ["1,2\n", "00ff", "PermissionError", "PermissionError"], outcome
    assert [file.name for file in outcome.artifacts] == ["new.txt"]


def test_a_file_of_the_programs_own_in_the_place_of_a_given_one_does_not_come_back(
    executor: Executor,
) -> None:
    program = "import os\nos.unlink('a')\nopen('a', 'w').write('mine')\n"
    outcome = executor.run(program, files={"a": b"given"})
    assert outcome.artifacts == ()
    [note] = outcome.notes
    assert "'a' is not returned" in note


def test_the_files_of_an_executor_are_there_for_every_program_and_a_runs_files_beside() -> None:
    program = "import os\n(sorted(os.listdir()), open('a').read())"
    with Executor(sdks=[], files={"a": b"1", "b": b"2"}, sandboxes=1) as executor:
        assert executor.run(program).value == [["a", "b"], "1"]
        assert executor.run(program, files={"a": b"other", "c": b""}).value == [
            ["a", "b", "c"],
            "other",
        ]


def test_each_program_of_a_conversation_gets_its_own_input() -> None:
    async def talked() -> list[Outcome]:
        async with Executor(sdks=[], sandboxes=1) as executor, Conversation(executor) as talk:
            first = RunOptions(files={"a": b"1"}, argv=["x"], stdin=b"in")
            return [
                await talk.run_async("import sys\n[sys.argv[1:], input()]", **first),
                await talk.run_async(
                    "[sys.argv[1:], sys.stdin.read(), open('a').read()]", files={"a": b"2"}
                ),
            ]

    one, two = asyncio.run(talked())
    assert one.value == [["x"], "in"], one
    assert two.value == [[], "", "2"], two
    assert two.artifacts == ()


def test_a_file_of_many_megabytes_arrives_whole() -> None:
    data = bytes(range(256)) * (24 << 12)
    program = "import hashlib\nhashlib.file_digest(open('large', 'rb'), 'sha256').hexdigest()"
    outcome = execute(program, sdks=[], run={"files": {"large": data}})
    from hashlib import sha256

    assert outcome.value == sha256(data).hexdigest(), outcome


def test_files_that_no_program_may_have_are_refused_before_anything_runs() -> None:
    assert "not a name in the program's folder" in refused(**{"../a": b""})
    assert "not a name in the program's folder" in refused(**{"/etc/passwd": b""})
    assert "not a name in the program's folder" in refused(**{".bashrc": b""})
    assert "'a' is a file, not a folder" in refused(a=b"", a__b=b"")
    assert "one file may have 33,554,432" in refused(a=bytes((32 << 20) + 1))
    assert "they may have 33,554,432" in refused(a=bytes(20 << 20), b=bytes(13 << 20))
    with pytest.raises(ValueError, match="they may have 4,096"):
        Executor(files={"a": b"", "b": b""}, limits=Limits(input_bytes=4096))


def test_arguments_are_text(executor: Executor) -> None:
    for argument in ("a\0b", "\udc80"):
        with pytest.raises(ValueError, match="not text that a program can be given"):
            executor.run("1", argv=[argument])
