"""The trace of a run, opened in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from mcp_sdkgen_codemode.diagnostics import Diagnostic
from mcp_sdkgen_codemode.executor.trace import trace
from mcp_sdkgen_codemode.outcome import Artifact, Call, Outcome, ProgramError, Timings
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from tests.browser import browser

MARKUP = "</pre></script><script>document.title='owned'</script><img src=x onerror=alert(1)>&"
PROGRAM = "print('<b>hello</b>')\n"
HIDDEN = "if user != 'admin\u202e\u2066':"


def outcome() -> Outcome:
    calls = (
        Call("weather", "get_weather", "ok", 0.1, 0.2, 30, 900, "", '{"location": "Oslo"}', "{}"),
        Call(MARKUP, MARKUP, "tool_error", 0.3, 0.5, 10, 20, MARKUP, MARKUP, MARKUP),
    )
    return Outcome(
        "failed",
        stdout=MARKUP,
        stderr=MARKUP,
        value={"key": MARKUP},
        error=ProgramError(MARKUP, MARKUP, 1, MARKUP),
        reason=MARKUP,
        diagnostics=(Diagnostic(1, 1, "misc", MARKUP, MARKUP),),
        calls=calls,
        artifacts=(Artifact("plot.png", b"123"),),
        timings=Timings(0.2, 0.0, 1.0),
        engine="bubblewrap",
    )


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "trace.html"
    path.write_text(trace(outcome(), PROGRAM, title=MARKUP), encoding="utf-8")
    return path


def bar(driver: Chrome, kind: str) -> dict[str, float]:
    return driver.find_element(By.CSS_SELECTOR, f".bar.{kind}").rect  # type: ignore[no-any-return]


def test_a_trace_shows_each_call_at_its_time_and_unfolds_its_arguments(
    page: Path, tmp_path: Path
) -> None:
    with browser(tmp_path / "profile") as driver:
        driver.get(page.as_uri())
        run = driver.find_elements(By.CSS_SELECTOR, ".bar.stage")[2].rect
        first, second = bar(driver, "ok"), bar(driver, "tool_error")
        # 100 ms after dispatch of a run of 1 s, for 200 ms; then 300 ms after it, for 500 ms.
        assert first["x"] - run["x"] == pytest.approx(run["width"] * 0.1, abs=2)
        assert first["width"] == pytest.approx(run["width"] * 0.2, abs=2)
        assert second["x"] - run["x"] == pytest.approx(run["width"] * 0.3, abs=2)
        arguments = driver.find_element(By.CSS_SELECTOR, "details.call pre")
        assert not arguments.is_displayed()
        driver.find_element(By.CSS_SELECTOR, "details.call summary").click()
        assert arguments.is_displayed()
        assert arguments.text == '{"location": "Oslo"}'


def test_what_programs_and_servers_say_is_text_on_the_page_and_never_markup(
    page: Path, tmp_path: Path
) -> None:
    with browser(tmp_path / "profile") as driver:
        driver.get(page.as_uri())
        assert driver.find_elements(By.CSS_SELECTOR, "script, img, b, iframe, link") == []
        assert driver.title.startswith("</pre>")
        assert MARKUP in driver.find_element(By.CSS_SELECTOR, "p.reason").text
        assert driver.get_log("browser") == []


def test_nothing_on_the_page_turns_or_hides_what_stands_beside_it() -> None:
    call = Call("weather", "get", "ok", 0.1, 0.2, 1, 1, "", HIDDEN, HIDDEN)
    text = trace(Outcome("finished", value=HIDDEN, calls=(call,)), HIDDEN)
    assert "\u202e" not in text
    assert text.count(r"admin\u202e\u2066") == 4


def test_a_trace_needs_nothing_from_elsewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8").replace("&lt;", "")
    assert "default-src 'none'" in text
    assert "http://" not in text
    assert "https://" not in text
    assert "url(" not in text
