"""The store of logins: many processes, several issuers, and files that are not what they were."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from mcp_sdkgen_runtime.oauth.token_store import Login, LoginStore, Secrets, resource_of

from tests.runtime.oauth.logging_in import keyring_of

LOGIN = Login("https://a.test", "https://x.test/mcp", {}, None, None, None, False, None, None)


@pytest.fixture(autouse=True)
def _no_keyring(monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    with keyring_of("null"):
        yield


def test_logins_of_two_issuers_for_one_resource_stand_side_by_side(tmp_path: Path) -> None:
    store = LoginStore(tmp_path)
    store.save(LOGIN, Secrets("first"))
    store.save(replace(LOGIN, issuer="https://b.test"), Secrets("second"))
    assert [kept.issuer for kept in store.logins()] == ["https://b.test", "https://a.test"]
    found = store.find(LOGIN.resource)
    assert found is not None and found[1].access_token == "second"
    store.save(LOGIN, Secrets("third"))
    found = store.find(LOGIN.resource)
    assert found is not None and found[1].access_token == "third"
    assert len(store.logins()) == 2
    assert store.find("https://x.test/other") is None


def test_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    code = (
        "import sys; from dataclasses import replace; from pathlib import Path\n"
        "from mcp_sdkgen_runtime.oauth.token_store import Login, LoginStore, Secrets\n"
        f"store = LoginStore(Path({str(tmp_path)!r}))\n"
        "for i in range(10):\n"
        "    name = f'https://{sys.argv[1]}-{i}.test'\n"
        "    login = Login('https://a.test', name, {}, None, None, None, False, None, None)\n"
        "    store.save(login, Secrets(name)); assert store.find(name)[1].access_token == name\n"
    )
    started = [subprocess.Popen([sys.executable, "-c", code, str(number)]) for number in range(6)]
    assert [process.wait() for process in started] == [0] * 6
    assert len(LoginStore(tmp_path).logins()) == 60
    assert not list(tmp_path.glob(".logins-*"))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": "x"}', '{"logins": 3}'])
def test_a_damaged_file_is_no_login_and_is_put_right_by_the_next(tmp_path: Path, text: str) -> None:
    (tmp_path / "logins.json").write_text(text)
    store = LoginStore(tmp_path)
    assert store.logins() == [] and store.find(LOGIN.resource) is None
    store.save(LOGIN, Secrets("token"))
    assert store.find(LOGIN.resource) is not None


def test_a_resource_is_named_without_what_could_be_a_credential() -> None:
    plain = resource_of("https://X.test/mcp")
    assert plain == resource_of("HTTPS://user:s3cret@x.test/mcp#part") == "https://x.test/mcp"
    queried = resource_of("https://x.test/mcp?token=s3cret")
    assert queried not in (plain, resource_of("https://x.test/mcp?token=other"))
    assert "s3cret" not in queried


def test_no_token_is_in_a_repr() -> None:
    assert "s3cret" not in repr(Secrets("s3cret", "s3cret", "s3cret"))
