"""Times calls, with the calibration in between."""

from __future__ import annotations

import time
from typing import Any, Callable, Dict, NamedTuple, Optional

import numpy as np

from benchmarks.calibration import Calibration
from benchmarks.report import CALIBRATION_GFLOP


class Timing(NamedTuple):
    """How long calls took.

    Attributes:
      seconds: (blocks, calls of a block).
      calibration_s: median of the products made in the same minutes.
    """

    seconds: np.ndarray
    calibration_s: float

    @property
    def latency_s(self) -> float:
        """Median of single calls."""
        return float(np.median(self.seconds))

    @property
    def mean_s(self) -> float:
        """Median over the blocks of a call's mean time: what counts for a throughput."""
        return float(np.median(self.seconds.mean(axis=1)))

    def fields(self, median_s: Optional[float] = None) -> Dict[str, Any]:
        """Returns the fields that every entry has; `median_s` is `latency_s` if not given.

        p99 is over single calls and left out when there are fewer than ten of them.
        """
        median_s = self.latency_s if median_s is None else median_s
        result = {"median_s": median_s, "ratio": median_s / self.calibration_s}
        result["calibration_s"] = self.calibration_s
        result["calls"] = self.seconds.size
        if self.seconds.size >= 10:
            result["p99_s"] = float(np.percentile(self.seconds, 99))
        return result


def time_calls(
    call: Callable[[], Any],
    *,
    repeats: int,
    block: int = 1,
    warm_up: int = 3,
    settle: int = 0,
    pause_s: float = 0.0,
    between: Callable[[], Any] = lambda: None,
) -> np.ndarray:
    """Times calls in blocks.

    Args:
      call: returns when its work is done.
      repeats: blocks.
      block: calls of a block.
      warm_up: calls before the first block.
      settle: calls at the start of a block that do not count, for what must recover from what is
        done between blocks (queues that filled, caches).
      pause_s: sleep before each call, which is not timed.
      between: called before the first block and after each.

    Returns:
      Seconds (repeats, block).
    """
    for _ in range(warm_up):
        call()
    between()
    seconds = np.zeros([repeats, block])
    for i in range(repeats):
        for _ in range(settle):
            call()
        for j in range(block):
            if pause_s:
                time.sleep(pause_s)
            began = time.perf_counter()
            call()
            seconds[i, j] = time.perf_counter() - began
        between()
    return seconds


def measure(call: Callable[[], Any], calibration: Calibration, **how: Any) -> Timing:
    """Times calls with a product of the calibration between the blocks.

    Args:
      call: returns when its work is done.
      calibration: its products so far are not looked at.
      **how: of `time_calls`.
    """
    first = len(calibration.seconds)
    seconds = time_calls(call, between=calibration.run, **how)
    return Timing(seconds, calibration.median_s(first))


def arithmetic(timing: Timing, gflop: float) -> Dict[str, float]:
    """Returns the fields of an entry whose arithmetic is known.

    Args:
      timing: of the calls.
      gflop: of one call.

    Returns:
      `gflop`, `gflop_per_s`, and `of_calibration`: that rate as a share of the calibration's.
    """
    rate = gflop / timing.latency_s
    full = CALIBRATION_GFLOP / timing.calibration_s
    return {"gflop": gflop, "gflop_per_s": rate, "of_calibration": rate / full}
