"""Runs benchmarks one after the other, each in a process of its own."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import tempfile
from typing import Any, Dict, Iterator, List, Sequence

from benchmarks.catalogue import Benchmark
from dreamer_tf.errors import UserError

ROOT = pathlib.Path(__file__).resolve().parents[1]
TIMEOUT_S = 1800


def run_in_own_process(benchmark: Benchmark, quick: bool, repeats: int) -> Dict[str, Any]:
    """Runs a benchmark; see `worker.run` for arguments and result.

    Raises:
      UserError: it failed; with the last line that it wrote.
    """
    request = {"name": benchmark.name, "quick": quick, "repeats": repeats}
    with tempfile.TemporaryDirectory(prefix="dreamer_tf_bench_") as folder:
        out = pathlib.Path(folder) / "result.json"
        command = [sys.executable, "-m", "benchmarks.worker", json.dumps(request), str(out)]
        try:
            done = subprocess.run(
                command,
                cwd=ROOT,
                env={"TF_CPP_MIN_LOG_LEVEL": "2", **os.environ},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=TIMEOUT_S,
            )
        except subprocess.TimeoutExpired as error:
            raise UserError(f"{benchmark.name} took more than {TIMEOUT_S} s") from error
        if done.returncode:
            lines = [line for line in done.stdout.splitlines() if line.strip()]
            last = lines[-1] if lines else f"exit code {done.returncode}"
            raise UserError(f"{benchmark.name} failed: {last}")
        return json.loads(out.read_text(encoding="utf-8"))


def run_all(
    benchmarks: Sequence[Benchmark], quick: bool, repeats: int, products: List[float]
) -> Iterator[Dict[str, Any]]:
    """Yields the entry of each benchmark, or `name` and `error` of one that failed.

    Args:
      benchmarks: in this order.
      quick: see `catalogue`.
      repeats: 0 takes each benchmark's own.
      products: gets the seconds of every product of the calibration.
    """
    for benchmark in benchmarks:
        try:
            result = run_in_own_process(benchmark, quick, repeats)
        except UserError as error:
            yield {"name": benchmark.name, "error": str(error)}
            continue
        products.extend(result["calibration"])
        yield result["entry"]
