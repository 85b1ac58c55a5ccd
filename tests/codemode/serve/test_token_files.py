"""The bearer tokens of several principals, in one file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.codemode.serve.driving import Home

ALICE, BOB = "alice-has-this-token", "bob-has-another-one"


def refusal(place: Home, path: Path, *arguments: str) -> str:
    given = arguments or ("--http", "0")
    done = place.cli("serve", "--config", str(place.config), *given, "--token-file", str(path))
    assert done.returncode == 2, done.stderr
    assert ALICE not in done.stderr
    return done.stderr


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "0 bearer tokens; 1 to 16 are served"),
        (ALICE, "line 1: not TOKEN,NAME"),
        (f"{ALICE},alice,1000", "line 1: not TOKEN,NAME"),
        (f"{ALICE},a/b", "line 1: not TOKEN,NAME"),
        (f"{ALICE},alice\n\n{BOB},alice", "line 3: there is a token of 'alice' already"),
        (f"{ALICE},alice\n{ALICE},bob", "two names have the same bearer token"),
        (f"{ALICE},alice\nshort,bob", "a bearer token has 16 characters or more"),
        ("".join(f"{ALICE}-{n},name-{n}\n" for n in range(17)), "17 bearer tokens; 1 to 16"),
    ],
)
def test_what_is_wrong_in_the_file_is_told_without_a_token(
    place: Home, tmp_path: Path, text: str, what: str
) -> None:
    path = tmp_path / "tokens.csv"
    path.write_text(text)
    path.chmod(0o600)
    assert what in " ".join(refusal(place, path).split())


def test_a_file_that_others_can_read_is_refused(place: Home, tmp_path: Path) -> None:
    path = tmp_path / "tokens.csv"
    path.write_text(f"{ALICE},alice\n")
    path.chmod(0o640)
    assert "others can read it; chmod 600" in " ".join(refusal(place, path).split())


def test_a_link_is_refused(place: Home, tmp_path: Path) -> None:
    path, link = tmp_path / "tokens.csv", tmp_path / "link.csv"
    path.write_text(f"{ALICE},alice\n")
    path.chmod(0o600)
    link.symlink_to(path)
    assert "links are refused" in refusal(place, link)


def test_a_file_is_for_http(place: Home, tmp_path: Path) -> None:
    told = refusal(place, tmp_path / "none", "--unix-socket", str(tmp_path / "socket"))
    assert "--token-file is for --http" in told
