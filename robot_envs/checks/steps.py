"""Every time step against the specs."""

from __future__ import annotations

from typing import Dict, List

import numpy as np
from tf_agents.specs import array_spec
from tf_agents.trajectories import time_step as ts

from robot_envs.checks.finding import Finding, reason
from robot_envs.checks.recording import Recording

_SLACK = 1e-4  # Of a bound, for float32.


def check_steps(recording: Recording, specs: Dict[str, array_spec.ArraySpec]) -> List[Finding]:
    """Returns what does not fit; a fault that comes again is told once, with its first step."""
    faults: Dict[str, str] = {}
    for index, entry in enumerate(recording.records):
        for text, found in _faults(entry.step, specs).items():
            faults.setdefault(text, f"{text}, found {found} (step {index})")
    findings = [Finding("steps", text) for text in faults.values()]
    findings += [
        Finding("range", f"picture '{key}' never exceeds 1: scale it to 0..255 before it is uint8")
        for key, spec in specs.items()
        if len(spec.shape) == 3 and recording.records and _brightest(recording, key) <= 1
    ]
    if recording.error is not None:
        at = len(recording.records)
        findings.append(Finding("steps", f"call {at} ended with {reason(recording.error)}"))
    return findings


def check_memory(recording: Recording) -> List[Finding]:
    """Finds arrays that the environment has changed after it gave them away."""
    changed = []
    for entry in recording.records:
        if not isinstance(entry.given.observation, dict):
            continue
        for key, value in entry.given.observation.items():
            # NaN equals itself here: it is told elsewhere.
            if not np.array_equal(value, entry.step.observation[key], equal_nan=True):
                changed.append(key)
    return [
        Finding("memory", f"'{key}' of earlier steps changes later: give a copy of the buffer")
        for key in dict.fromkeys(changed)
    ]


def _faults(step: ts.TimeStep, specs) -> Dict[str, str]:
    """Returns {what was expected: what was found}."""
    observation = step.observation
    if not isinstance(observation, dict):
        return {"observation: expected a dict": type(observation).__name__}
    faults = {}
    if set(observation) != set(specs):
        faults[f"observation: expected the keys {sorted(specs)}"] = str(sorted(observation))
    scalar = array_spec.ArraySpec((), np.float32)
    values = {key: (observation[key], specs[key]) for key in specs if key in observation}
    values.update(reward=(step.reward, scalar), discount=(step.discount, scalar))
    for key, (value, spec) in values.items():
        faults.update(_array_faults(key, np.asarray(value), spec))
    if step.step_type == ts.StepType.FIRST and np.any(np.asarray(step.reward) != 0):
        faults["reward: expected 0 with the first step of an episode"] = str(step.reward)
    if not faults and not 0 <= float(step.discount) <= 1:
        faults["discount: expected 0 to 1"] = str(step.discount)
    return faults


def _array_faults(key: str, value: np.ndarray, spec) -> Dict[str, str]:
    if value.shape != tuple(spec.shape):
        return {f"{key}: expected shape {tuple(spec.shape)}": f"shape {value.shape}"}
    if value.dtype != spec.dtype:
        return {f"{key}: expected dtype {np.dtype(spec.dtype).name}": value.dtype.name}
    if not np.all(np.isfinite(value)):
        bad = value[~np.isfinite(value)]
        return {f"{key}: expected finite numbers": f"{bad.size} of {value.size} not ({bad[0]})"}
    if isinstance(spec, array_spec.BoundedArraySpec):
        slack = _SLACK * np.maximum(1.0, np.maximum(np.abs(spec.minimum), np.abs(spec.maximum)))
        if np.any(value < spec.minimum - slack) or np.any(value > spec.maximum + slack):
            low, high = np.min(spec.minimum), np.max(spec.maximum)
            return {f"{key}: expected {low:g} to {high:g}": f"{value.min():g} to {value.max():g}"}
    return {}


def _brightest(recording: Recording, key: str) -> float:
    pictures = [r.step.observation.get(key) for r in recording.records
                if isinstance(r.step.observation, dict)]
    return max((float(np.max(p)) for p in pictures if p is not None), default=np.inf)
