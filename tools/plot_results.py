"""Draws results/<robot>/<agent>/seed*.csv into docs/images/<robot>_curve.png.

    .venv/bin/python tools/plot_results.py sphero --agents dreamer --reference -0.24 published
"""

from __future__ import annotations

import argparse
import csv
import pathlib
import sys

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from dreamer_tf.learning_curve import LABELS  # noqa: E402
from robot_envs import registry  # noqa: E402

MEAN_OF = 10  # episodes


def read(path: pathlib.Path):
    """Returns the columns env_steps and value of a results file."""
    with path.open() as file:
        rows = [(int(row["env_steps"]), float(row["value"])) for row in csv.DictReader(file)]
    return zip(*rows)


def running_mean(values, count: int):
    """Mean of each value and those before it, ``count`` at most."""
    windows = [values[max(0, i + 1 - count) : i + 1] for i in range(len(values))]
    return [sum(window) / len(window) for window in windows]


def main() -> None:
    """Draws the picture of one robot."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("robot")
    parser.add_argument("--reference", nargs=2, metavar=("VALUE", "LABEL"))
    parser.add_argument("--agents", nargs="*", metavar="AGENT", help="only these")
    arguments = parser.parse_args()
    figure, axes = pyplot.subplots(figsize=(7, 3.6))
    files = sorted((ROOT / "results" / arguments.robot).glob("*/seed*.csv"))
    if arguments.agents:
        files = [path for path in files if path.parent.name in arguments.agents]
    if not files:
        raise SystemExit(f"results/{arguments.robot} holds no */seed*.csv")
    for number, path in enumerate(files):
        steps, values = read(path)
        color = f"C{number}"
        axes.plot(steps, values, ".", color=color, alpha=0.25, markersize=4)
        label = f"{path.parent.name}, {path.stem}"
        axes.plot(steps, running_mean(values, MEAN_OF), color=color, label=label)
    if arguments.reference:
        value, label = arguments.reference
        axes.axhline(float(value), color="black", linewidth=1, linestyle=":", label=label)
    axes.set_xlabel("environment steps")
    label = LABELS[registry.get(arguments.robot).curve_value]
    axes.set_ylabel(f"{label} (mean of {MEAN_OF} episodes)")
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right", fontsize="small")
    figure.tight_layout()
    target = ROOT / "docs" / "images" / f"{arguments.robot}_curve.png"
    target.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(target, dpi=100)
    print(target.relative_to(ROOT))


if __name__ == "__main__":
    main()
