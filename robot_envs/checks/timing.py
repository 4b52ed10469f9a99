"""Time stamps, the rate of the steps, and how long a step takes."""

from __future__ import annotations

from typing import List, NamedTuple

import numpy as np
from tf_agents.trajectories import time_step as ts

from robot_envs.checks.finding import Finding
from robot_envs.checks.recording import Recording

_RATE_TOLERANCE = 0.1


class Latency(NamedTuple):
    """How long calls took, in seconds; NaN where there were none.

    Attributes:
        step_p50: the median step.
        step_p99: one step in a hundred took longer.
        reset_p50: the median reset.
    """

    step_p50: float
    step_p99: float
    reset_p50: float


def measure_latency(recording: Recording) -> Latency:
    """Returns the latency of steps and resets."""
    first = [r.step.step_type == ts.StepType.FIRST for r in recording.records]
    resets = [r.seconds for r, is_first in zip(recording.records, first) if is_first]
    steps = [r.seconds for r, is_first in zip(recording.records, first) if not is_first]
    step_p50, step_p99 = np.percentile(steps, [50, 99]) if steps else (np.nan, np.nan)
    return Latency(step_p50, step_p99, float(np.median(resets)) if resets else np.nan)


def check_rate(latency: Latency, rate_hz: float, *, real: bool) -> List[Finding]:
    """Holds the latency against the robot's rate; a real robot must keep it."""
    period = 1 / rate_hz
    if not real:
        if latency.step_p50 <= period:
            return []
        text = f"slower than the robot's time: {latency.step_p50:.3g} s for {period:.3g} s"
        return [Finding("rate", text, error=False)]
    if abs(latency.step_p50 - period) <= _RATE_TOLERANCE * period:
        return []
    return [Finding("rate", f"a step takes {latency.step_p50:.3g} s, but rate_hz={rate_hz:g} says "
                            f"{period:.3g} s: see the wrapper RateControl")]


def check_stamps(recording: Recording, rate_hz: float) -> List[Finding]:
    """Looks at 'time' of `get_info()`, in seconds on the robot's own clock, within episodes."""
    stamps = [[(r.info or {}).get("time") for r in e] for e in recording.episodes()]
    if not stamps or any(time is None for episode in stamps for time in episode):
        text = "get_info() gives no 'time' (seconds on the robot's clock): stamps are not checked"
        return [Finding("time", text, error=False)]
    if not np.all(np.isfinite(np.concatenate(stamps))):
        return [Finding("time", "a time stamp of get_info() is not finite")]
    gaps = np.concatenate([np.diff(episode) for episode in stamps])
    findings = []
    if np.any(gaps < 0):
        findings.append(Finding("time", f"time stamps go backwards {np.sum(gaps < 0)} times, first "
                                        f"by {-gaps[gaps < 0][0]:.3g} s"))
    if np.any(gaps == 0):
        findings.append(Finding("time", f"time stamps stand still {np.sum(gaps == 0)} times: is "
                                        f"an old reading given again?"))
    period = 1 / rate_hz
    typical = float(np.median(gaps)) if len(gaps) else period
    if not findings and abs(typical - period) > _RATE_TOLERANCE * period:
        findings.append(Finding("rate", f"a step is {typical:.3g} s of the robot's time, but "
                                        f"rate_hz={rate_hz:g} says {period:.3g} s"))
    return findings
