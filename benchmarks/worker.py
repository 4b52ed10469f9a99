"""Runs one benchmark in a process of its own, so that its peak memory is its own.

`python -m benchmarks.worker '{"name": "environment/a1", "quick": true, "repeats": 0}' out.json`
"""

from __future__ import annotations

import json
import pathlib
import sys
from typing import Any, Dict

from benchmarks.catalogue import catalogue
from benchmarks.memory import peak_rss_mb


def run(name: str, quick: bool, repeats: int) -> Dict[str, Any]:
    """Runs a benchmark.

    Args:
      name: in the catalogue.
      quick: as the catalogue was asked for.
      repeats: 0 takes the benchmark's own.

    Returns:
      The `entry`, and `calibration`: seconds of every product.
    """
    benchmark = catalogue(quick)[name]
    function = benchmark.load()
    from benchmarks.calibration import Calibration  # TensorFlow

    calibration = Calibration()
    repeats = repeats or benchmark.repeats
    fields = function(**benchmark.arguments, repeats=repeats, calibration=calibration)
    entry = {"name": name, **fields}
    entry.setdefault("peak_rss_mb", peak_rss_mb())
    return {"entry": entry, "calibration": calibration.seconds}


if __name__ == "__main__":
    request, out = sys.argv[1:]
    pathlib.Path(out).write_text(json.dumps(run(**json.loads(request))), encoding="utf-8")
