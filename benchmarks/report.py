"""Results as a table and as JSON, and two of them side by side."""

from __future__ import annotations

import json
import os
import pathlib
from typing import Any, Dict, List, Sequence

import numpy as np

from dreamer_tf.errors import UserError

Entry = Dict[str, Any]
CALIBRATION = "calibration"
CALIBRATION_SIZE = 2048
CALIBRATION_GFLOP = 2e-9 * CALIBRATION_SIZE**3
NAME_WIDTH = 46
_COLUMNS = (  # field, head, format, factor
    ("median_s", "median ms", "{:.3f}", 1e3),
    ("p99_s", "p99 ms", "{:.3f}", 1e3),
    ("ratio", "ratio", "{:.4g}", 1.0),
    ("gflop", "GFLOP", "{:.3g}", 1.0),
    ("gflop_per_s", "GFLOP/s", "{:.1f}", 1.0),
    ("of_calibration", "of cal.", "{:.0%}", 1.0),
    ("peak_rss_mb", "peak MB", "{:.0f}", 1.0),
)
_IN_COLUMNS = {"name", "calibration_s", "calls", *(column[0] for column in _COLUMNS)}


def calibration_entry(products: Sequence[float]) -> Entry:
    """Returns the entry of the calibration from the seconds of all its products."""
    median = float(np.median(products))
    return {
        "name": CALIBRATION,
        "median_s": median,
        "p99_s": float(np.percentile(products, 99)),
        "ratio": 1.0,
        "gflop": CALIBRATION_GFLOP,
        "gflop_per_s": CALIBRATION_GFLOP / median,
        "calls": len(products),
    }


def header() -> str:
    """Returns the first line of the table."""
    return _row("name", [column[1] for column in _COLUMNS])


def line(entry: Entry) -> str:
    """Returns an entry's line of the table; fields without a column follow by name."""
    if "error" in entry:
        return f"{entry['name']:<{NAME_WIDTH}} {entry['error']}"
    cells = [
        form.format(entry[field] * factor) if field in entry else ""
        for field, _, form, factor in _COLUMNS
    ]
    more = [f"{key}={value:.4g}" for key, value in entry.items() if key not in _IN_COLUMNS]
    return " ".join([_row(entry["name"], cells), *more]).rstrip()


def _row(name: str, cells: Sequence[str]) -> str:
    return f"{name:<{NAME_WIDTH}}" + "".join(f"{cell:>11}" for cell in cells)


def save(path: os.PathLike, entries: Sequence[Entry]) -> None:
    """Writes entries as JSON, one a line, in one step; makes the folder.

    Raises:
      UserError: the file cannot be written.
    """
    path = pathlib.Path(path)
    text = "[\n" + ",\n".join(json.dumps(entry) for entry in entries) + "\n]\n"
    beside = path.with_name(path.name + ".tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(text, encoding="utf-8")
        os.replace(beside, path)
    except OSError as error:
        raise UserError(
            f"{path} cannot be written ({error.strerror}): give another --out"
        ) from error


def load(path: os.PathLike) -> List[Entry]:
    """Reads what `save` wrote.

    Raises:
      UserError: there is no such file, or it holds something else.
    """
    try:
        entries = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read: give a file that --out wrote") from error
    if not isinstance(entries, list) or not all(
        isinstance(entry, dict) and "name" in entry for entry in entries
    ):
        raise UserError(f"{path} is no list of benchmarks: give a file that --out wrote")
    return entries


def compare(old: Sequence[Entry], new: Sequence[Entry]) -> List[str]:
    """Returns a table of what both have: ratios to their calibrations, and new / old.

    Below 1 is faster (or smaller, for the peak memory) than before.
    """
    before = {entry["name"]: entry for entry in old}
    heads = ["old ratio", "new ratio", "new/old", "memory"]
    lines = [_row("name", heads)]
    for entry in new:
        past = before.get(entry["name"])
        if past is None or "ratio" not in past or "ratio" not in entry:
            continue
        cells = [f"{past['ratio']:.4g}", f"{entry['ratio']:.4g}", _quotient(past, entry, "ratio")]
        lines.append(_row(entry["name"], [*cells, _quotient(past, entry, "peak_rss_mb")]))
    if len(lines) == 1:
        return ["the two have no benchmark in common"]
    if CALIBRATION in before:
        seconds = [1e3 * e["median_s"] for e in (before[CALIBRATION], *new)
                   if e["name"] == CALIBRATION]  # fmt: skip
        lines.append("calibration: " + " ms, then ".join(f"{s:.1f}" for s in seconds) + " ms")
    return lines


def _quotient(past: Entry, entry: Entry, field: str) -> str:
    if not past.get(field) or field not in entry:
        return ""
    return f"{entry[field] / past[field]:.3f}"
