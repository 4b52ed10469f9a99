"""Sensors that always say the same: unplugged, hung, or never read again."""

from __future__ import annotations

from typing import List

import numpy as np

from robot_envs.checks.finding import Finding
from robot_envs.checks.recording import Recording

_FROZEN_SHARE = 0.25  # Of all steps, in one go.
_FROZEN_MIN_STEPS = 10
_MAX_NAMED = 8


def check_frozen(recording: Recording) -> List[Finding]:
    """Returns observations that do not change although the robot moves.

    What holds only 0 and 1 (flags, one-hot) may rest for long: that is no error.
    """
    steps = [r.step.observation for r in recording.records]
    if len(steps) <= _FROZEN_MIN_STEPS or not isinstance(steps[0], dict):
        return []
    findings = []
    for key in steps[0]:
        values = [step.get(key) for step in steps]
        if any(np.shape(value) != np.shape(values[0]) for value in values):
            continue  # Told by the check of the steps.
        findings += _frozen(key, np.stack(values))
    return findings


def _frozen(key: str, values: np.ndarray) -> List[Finding]:
    """Looks at one sensor, (T, ...)."""
    flat = values.reshape(len(values), -1)
    still = np.all(flat[1:] == flat[:-1], axis=1)
    flags = bool(np.all((flat == 0) | (flat == 1))) and values.ndim < 4
    if np.all(still):
        return [Finding("frozen", f"'{key}' never changed in {len(values)} steps: is it read "
                                  f"anew each time?", error=not flags)]
    longest = _longest_run(still)
    if longest >= max(_FROZEN_MIN_STEPS, _FROZEN_SHARE * len(values)) and not flags:
        return [Finding("frozen", f"'{key}' stood still for {longest} of {len(values)} steps: did "
                                  f"the sensor hang?")]
    dead = np.flatnonzero(np.all(flat == flat[0], axis=0))
    if values.ndim == 2 and len(dead):
        named = ", ".join(map(str, dead[:_MAX_NAMED]))
        return [Finding("frozen", f"'{key}' never changed in the elements {named}", error=False)]
    return []


def _longest_run(flags: np.ndarray) -> int:
    """Returns the length of the longest row of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(int)))
    return int(np.max(edges[1::2] - edges[::2], initial=0))
