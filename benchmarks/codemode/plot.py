"""`plot.py DATA.json PLOT.svg`: the figures as a picture. Runs in the benchmark's environment."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams |= {"svg.hashsalt": "codemode", "svg.fonttype": "none", "font.size": 9}

from matplotlib import pyplot  # noqa: E402 - after the choice of the backend

BASELINE = "parallel"
SHOWN = ("tool search", "programs", "programs, search", "lucky programs")
COLOURS = dict(zip((BASELINE, *SHOWN), ("black", "C0", "C1", "C2", "C3"), strict=True))


def cheaper(data: dict[str, Any], axes: Any) -> None:
    """Bars: how many times cheaper than plain calls at their best, by class of task."""
    groups = {
        **data["classes"],
        **{f"made up: {size} reads": row for size, row in data["sweeps"].items()},
    }
    for number, name in enumerate(SHOWN):
        places = [place + (number - 1.5) * 0.2 for place in range(len(groups))]
        ratios = [
            row[BASELINE]["cached_price"] / row[name]["cached_price"] for row in groups.values()
        ]
        beyond = [ratio - 1 for ratio in ratios]
        axes.barh(places, beyond, left=1, height=0.18, label=name, color=COLOURS[name])
    axes.axvline(1, color="black", linewidth=0.8)
    axes.axvline(10, color="grey", linewidth=0.8, linestyle=":")
    axes.set_xscale("log")
    axes.set_xticks([0.5, 1, 2, 5, 10, 20, 50], ["0.5", "1", "2", "5", "10", "20", "50"])
    axes.minorticks_off()
    axes.set_yticks(range(len(groups)), list(groups))
    axes.invert_yaxis()
    axes.set_title("Times cheaper than parallel calls, with caching")
    axes.legend(fontsize=7, loc="upper right")


def growth(data: dict[str, Any], axes: Any) -> None:
    """Lines: input tokens of a task against the number of tools that are present."""
    tasks = data["losses"]["programs"]["price"]["of"]
    sizes = data["scaling"]["sizes"]
    for name in (BASELINE, *SHOWN[:3]):
        tokens = [row[name]["input_tokens"] / tasks for row in sizes.values()]
        axes.plot(
            [int(size) for size in sizes], tokens, marker="o", markersize=3, color=COLOURS[name],
            label="all definitions" if name == BASELINE else name,
        )  # fmt: skip
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xticks([int(size) for size in sizes], list(sizes))
    axes.minorticks_off()
    axes.set_title("Input tokens of a task, by tools present")
    axes.legend(fontsize=7)


def main() -> None:
    """Draw the data of the first argument into the file of the second."""
    data = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    panels = 2 if data.get("scaling") else 1
    figure, axes = pyplot.subplots(1, panels, figsize=(5.5 * panels, 4.2), squeeze=False)
    cheaper(data, axes[0][0])
    if panels == 2:
        growth(data, axes[0][1])
    figure.tight_layout()
    figure.savefig(sys.argv[2], metadata={"Date": None})


if __name__ == "__main__":
    main()
