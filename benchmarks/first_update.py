"""How long the training binary takes from its start to its first update."""

from __future__ import annotations

import pathlib
import subprocess
import sys
import tempfile
import time
from typing import Any, Dict, List

import numpy as np

from benchmarks import presets
from benchmarks.calibration import Calibration
from benchmarks.measure import Timing
from benchmarks.memory import peak_rss_mb
from dreamer_tf.errors import UserError

ROOT = pathlib.Path(__file__).resolve().parents[1]
SIGN = "first update"
PRODUCTS = 3
"""Products of the calibration before and after each start."""


def first_update(
    robot: str, preset: str, gradient: str, *, repeats: int, calibration: Calibration
) -> Dict[str, Any]:
    """Starts the program afresh, imports, prefill and compiling included, and stops it after.

    Args:
      robot: name in the registry.
      preset: name in `presets.PRESETS`.
      gradient: of the actor.
      repeats: starts.
      calibration: before and after each start, never beside it.

    Returns:
      The fields of the entry; the peak memory is the program's, up to its first update.

    Raises:
      UserError: the program ended before its first update.
    """
    first = len(calibration.seconds)
    seconds, peaks = [], []
    for _ in range(repeats):
        calibration.run(PRODUCTS)
        took, peak = _start(robot, preset, gradient)
        seconds.append(took)
        peaks.append(peak)
        calibration.run(PRODUCTS)
    timing = Timing(np.array(seconds)[:, None], calibration.median_s(first))
    return {**timing.fields(), "peak_rss_mb": max(peaks)}


def _start(robot: str, preset: str, gradient: str):
    """Runs the program until its first update; returns seconds and megabytes."""
    with tempfile.TemporaryDirectory(prefix="dreamer_tf_bench_") as folder:
        began = time.perf_counter()
        process = subprocess.Popen(
            _command(robot, preset, gradient, folder),
            cwd=ROOT,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            lines = []
            for line in process.stdout:
                if SIGN in line:
                    return time.perf_counter() - began, peak_rss_mb(process.pid)
                lines.append(line.strip())
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
    last = lines[-1] if lines else f"exit code {process.returncode}"
    raise UserError(f"the training binary ended before its first update: {last}")


def _command(robot: str, preset: str, gradient: str, folder: str) -> List[str]:
    command = [sys.executable, "-u", "-m", "dreamer_tf.train", f"--robot={robot}"]
    command += [f"--logdir={folder}/run"]
    command += [f"--gin_file={name}" for name in presets.PRESETS[preset].files]
    return command + [f"--gin_bindings={x}" for x in presets.gin_bindings(preset, gradient)]
