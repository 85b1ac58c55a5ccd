"""What LLMs get wrong is a type error on every showcase SDK, and correct programs are clean."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from mcp_sdkgen.emit.generate import Generated, generate
from mcp_sdkgen.snapshot import Snapshot

from tests.checking import marked_errors, type_errors

GENERATED = Path(__file__).parents[2] / "generated"

CORRECT = {
    "weather": """
from weather_sdk import Weather, weather
from weather_sdk.types import Day, PositionParam

forecast = weather.get_forecast(city="Austin", days=2, units="imperial")
warmest: Day = max(forecast.days, key=lambda day: day.high)
rain: list[float] = [day.precip_mm for day in forecast.days if day.condition == "rainy"]
severities = [alert.severity for alert in weather.list_alerts(region="TX", min_severity=None)]
place: PositionParam = {"latitude": 30.3, "longitude": -97.7}
weather.report_observation(station="a", celsius=20, position=place)
started = weather.tasks.start(weather.get_forecast, city="Austin", units="imperial")
with Weather() as own:
    temperature: float = own.get_weather(location="London").temperature
""",
    "everything": """
from everything_sdk import everything

content = everything.get_structured_content(location="New York")
summary: str = f"{content.temperature:.1f} {content.conditions} {content.humidity}"
total: str = everything.get_sum(a=1, b=2.5).text
everything.get_annotated_message(message_type="debug", include_image=True)
everything.gzip_file_as_resource(name="a", output_type="resource")
""",
    "github": """
from github_sdk import github

for issue in github.list_issues(owner="o", repo="r", direction="DESC").json():
    print(issue["title"])
files: list[tuple[str, str]] = [("a.txt", "text")]
github.push_files(
    branch="main",
    files=[{"path": path, "content": content} for path, content in files],
    message="m",
    owner="o",
    repo="r",
)
github.issue_write(method="create", owner="o", repo="r", labels=["bug"], type=None)
github.issue_write(
    method="update", owner="o", repo="r", issue_fields=[{"field_name": "Priority", "value": 1}]
)
""",
}
WRONG = {
    "weather": """
from weather_sdk import weather

weather.get_forcast(city="Austin")  # error: attr-defined
weather.get_forecast(city="Austin", day=2)  # error: call-arg
weather.get_forecast(days=2)  # error: call-arg
weather.get_forecast(city="Austin", units="kelvin")  # error: arg-type
weather.get_forecast(city="Austin").temperature  # error: attr-defined
weather.get_forecast(city="Austin").days[0].precipMm  # error: attr-defined
weather.list_alerts(region="TX")[0].title  # error: attr-defined
weather.report_observation(station="a", celsius=20, position={"lat": 1})  # error: arg-type
weather.get_forecast("Austin")  # error: call-arg

started = weather.tasks.start(weather.get_forecast, town="Austin")  # error: call-arg

from weather_sdk import Wether  # error: attr-defined
from weather_sdk.tools import get_forcast  # error: attr-defined
from weather_sdk.types import Forcast  # error: attr-defined
from mcp_sdkgen_runtime import TollError  # error: attr-defined
""",
    "everything": """
from everything_sdk import everything

everything.ecco(message="a")  # error: attr-defined
everything.get_sum(a=1, b=2, c=3)  # error: call-arg
everything.get_sum(a=1)  # error: call-arg
everything.get_structured_content(location="Austin")  # error: arg-type
everything.get_structured_content(location="New York").wind  # error: attr-defined
everything.echo(message={"text": "a"})  # error: arg-type
""",
    "github": """
from github_sdk import github

github.list_isues(owner="o", repo="r")  # error: attr-defined
github.list_issues(owner="o", repository="r")  # error: call-arg
github.list_issues(owner="o")  # error: call-arg
github.list_issues(owner="o", repo="r", direction="down")  # error: arg-type
github.list_issues(owner="o", repo="r").title  # error: attr-defined
github.push_files(branch="b", files=[{}], message="m", owner="o", repo="r")  # error: list-item
github.push_files(branch="b", files="a", message="m", owner="o", repo="r")  # error: arg-type
github.update_issue_labels(owner="", repo="", issue_number=1, labels=[{"n": 1}])  # error: list-item
github.issue_write(method="create", owner="o", repo="r", labels="bug")  # error: arg-type
github.issue_write(method="create", owner="o", repo="r", labels=[1])  # error: list-item
""",
}


def test_mistakes_are_errors_and_correct_programs_are_clean_sync_and_async(tmp_path: Path) -> None:
    programs = []
    for kind, texts in (("correct", CORRECT), ("wrong", WRONG)):
        for name, text in texts.items():
            programs.append(_written(tmp_path / "programs" / name / f"{kind}.py", text))
            waiting = _awaited(text, name)
            programs.append(_written(tmp_path / "programs" / name / f"{kind}_async.py", waiting))
    expected = {place: codes for path in programs for place, codes in marked_errors(path).items()}

    found = type_errors([_showcase(name) for name in CORRECT], programs, tmp_path / "checked")

    assert found == expected
    assert len(expected) == 2 * sum(text.count("# error: ") for text in WRONG.values())


def test_a_list_or_map_of_one_of_several_types_can_be_written_out(tmp_path: Path) -> None:
    """For a union of sequences, mypy sees no typed dict and no literal in what is written."""
    point = {"type": "object", "properties": {"x": {"type": "number"}}, "required": ["x"]}
    items = [{"type": "number"}, {"const": "all"}, point]
    forms = [{"type": "array", "items": item} for item in items]
    forms += [{"type": "object", "additionalProperties": item} for item in items]
    schema = {"type": "object", "properties": {"at": {"anyOf": forms}}, "required": ["at"]}
    defined = {"name": "put", "inputSchema": schema}
    sdk = generate(Snapshot.of("shop", [defined]))
    program = """
from shop_sdk import shop

shop.put(at=["all"])
shop.put(at=[{"x": 1}])
shop.put(at=[1, 2.5])
shop.put(at={"a": "all"})
shop.put(at={"a": {"x": 1}})
shop.put(at=["some"])  # error: list-item
shop.put(at={"a": {"y": 1}})  # error: dict-item
"""
    path = _written(tmp_path / "program.py", program)

    assert type_errors([sdk], [path], tmp_path / "checked") == marked_errors(path)


def test_every_showcase_has_programs() -> None:
    showcases = {path.parents[1].name for path in GENERATED.glob("*/*/snapshot.json")}

    assert set(CORRECT) == set(WRONG) == showcases


def _showcase(name: str) -> Generated:
    return generate(Snapshot.load(next((GENERATED / name).glob("*/snapshot.json"))))


def _written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def _awaited(text: str, name: str) -> str:
    """The same program for the async client: every call of a tool is awaited."""
    places = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            if isinstance(owner, ast.Name) and owner.id in (name, "own"):
                places.append((node.lineno, node.col_offset, "(await "))
                places.append((node.end_lineno or 0, node.end_col_offset or 0, ")"))
    lines = text.split("\n")
    for line, column, inserted in sorted(places, reverse=True):
        before = lines[line - 1]
        lines[line - 1] = before[:column] + inserted + before[column:]
    plain, waiting = name.capitalize(), f"Async{name.capitalize()}"
    imports = [re.sub(rf"import .*\b{name}$", f"import {waiting}", line) for line in lines[:3]]
    body = [line.replace(f"with {plain}()", f"async with {waiting}()") for line in lines[3:]]
    head = f"async def main({name}: {waiting}) -> None:"
    return "\n".join([*imports, head, *(f"    {line}".rstrip() for line in body)])
