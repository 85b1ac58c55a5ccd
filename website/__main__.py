"""`python -m website`: make the site in `build/site`, strictly: a dead link is an error."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from .navigation import as_toml, navigation
from .stage import ROOT, stage


def make(build: Path) -> Path:
    """The folder of the finished site within `build`. Exits where Zensical finds anything wrong."""
    stage(build / "docs")
    settings = (ROOT / "website" / "zensical.toml").read_text()
    menu = as_toml(navigation(build / "docs"))
    (build / "zensical.toml").write_text(settings.replace("[project]\n", f"[project]\n{menu}", 1))
    zensical = [sys.executable, "-m", "zensical", "build", "--strict", "--clean"]
    done = subprocess.run(zensical, cwd=build)
    if done.returncode:
        sys.exit(done.returncode)
    return build / "site"


if __name__ == "__main__":
    made = make(ROOT / "build")
    pages = sum(1 for _ in made.rglob("index.html"))
    sys.stdout.write(f"{pages} pages in {made.relative_to(ROOT)}\n")
