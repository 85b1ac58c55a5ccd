"""`python -m tools.wheels FOLDER`: the three distributions as sdists and wheels, checked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tools.install import ROOT

PROJECTS = ("runtime/client", "runtime/codemode", ".")


def wheels(folder: Path) -> list[Path]:
    """Build the distributions into a folder; their wheels. A wheel is made from its sdist.

    `wheels.txt` beside them has requirements of all three, for the folder around.

    Raises `CalledProcessError` where one cannot be built or an index would not take it; why is on
    stderr.
    """
    build = [sys.executable, "-m", "build", "--no-isolation", "--quiet", "--outdir", str(folder)]
    for project in PROJECTS:
        subprocess.run([*build, str(ROOT / project)], check=True)
    found = sorted(map(str, folder.glob("mcp_sdkgen*")))
    subprocess.run([sys.executable, "-m", "twine", "check", "--strict", *found], check=True)
    made = [Path(file) for file in found if file.endswith(".whl")]
    # By file: of a mere name, pip and uv take what an index has, if that is newer.
    lines = [f"./{folder.name}/{file.name}\n" for file in made]
    (folder / "wheels.txt").write_text("".join(lines))
    return made


if __name__ == "__main__":
    wheels(Path(sys.argv[1]))
