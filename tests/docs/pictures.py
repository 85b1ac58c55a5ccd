"""`make pictures`: the README's picture of a terminal, from commands that really run.

The commands run where the pages of the documentation are played, in a copy of `examples/`.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.syntax import Syntax
from rich.text import Text

from tests.docs.pages import ROOT, environment_of, scratch

PICTURE = ROOT / "docs" / "assets" / "terminal.svg"
PROGRAM = """\
from weather_sdk import weather

names = ("Austin", "London", "Oslo")
reports = [weather.get_weather(location=name, units="celsius") for name in names]
warmest = max(reports, key=lambda report: report.temperature)
print(f"{warmest.location}: {warmest.temperature:.0f} °C")
"""
WIDTH = 100


def record(folder: Path) -> Console:
    """A terminal in which an SDK was built, and a program checked and run."""
    around = environment_of(folder, {"COLUMNS": str(WIDTH)})
    terminal = Console(record=True, width=WIDTH, file=(folder / "shown.txt").open("w"))
    (folder / "wrong.py").write_text(PROGRAM.replace("location=", "city="))
    (folder / "warmest.py").write_text(PROGRAM)
    for command in (
        "mcp-sdkgen build --name weather -- python servers/weather.py 2> log",
        "pip install generated/dist/*.whl",
        "cat wrong.py",
        "mcp-sdkgen check wrong.py",
        "sed s/city=/location=/ wrong.py > warmest.py",
        "mcp-sdkgen run warmest.py",
    ):
        _run(command, folder, around, terminal)
    return terminal


def _run(command: str, folder: Path, around: dict[str, str], terminal: Console) -> None:
    done = subprocess.run(
        command, shell=True, cwd=folder, env=around, stdin=subprocess.DEVNULL, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    terminal.print(Text.assemble(("$ ", "bold green"), (command, "bold")))
    if command.startswith("cat"):
        terminal.print(
            Syntax(done.stdout.rstrip(), "python", theme="ansi_dark", background_color="default")
        )
    else:
        terminal.print(Text(done.stdout.rstrip(), end="\n" if done.stdout else ""))
    terminal.print()


def as_svg(terminal: Console) -> str:
    """The terminal as a picture that fetches nothing: rich's, with the reader's own font."""
    form = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    form = form.replace("Fira Code, monospace", "ui-monospace, Menlo, Consolas, monospace")
    return terminal.export_svg(title="mcp-sdkgen", code_format=form, unique_id="terminal")


def main() -> None:
    """Write the picture."""
    with TemporaryDirectory() as folder:
        PICTURE.write_text(as_svg(record(scratch(Path(folder)))))


if __name__ == "__main__":
    main()
