"""Whether a twin does the same again."""

from __future__ import annotations

import random
from typing import Callable, List, Optional

import numpy as np
from tf_agents.environments import py_environment

from robot_envs.checks.finding import Finding
from robot_envs.checks.recording import Recording, close_quietly, make_actions, record

_STEPS = 30


def check_repeatable(make: Callable[..., py_environment.PyEnvironment]) -> List[Finding]:
    """Plays the same actions on twins with the same seed, and on one with another.

    Python's and NumPy's global generators differ between them: a twin must have its own.
    """
    first, again, other = (_play(make, seed, state) for seed, state in ((1, 0), (1, 1), (2, 0)))
    difference = _first_difference(first, again)
    if difference:
        return [Finding("seed", f"two twins with the same seed and actions differ {difference}: "
                                f"draw everything from np.random.default_rng(seed)")]
    if _first_difference(first, other) is None:
        return [Finding("seed", "another seed changes nothing", error=False)]
    return []


def _play(make, seed: int, state: int) -> Recording:
    random.seed(state)
    np.random.seed(state)
    env = make(seed=seed)
    try:
        return record(env, make_actions(env.action_spec(), _STEPS, seed=0, extremes=True))
    finally:
        close_quietly(env)


def _first_difference(one: Recording, other: Recording) -> Optional[str]:
    for index, (a, b) in enumerate(zip(one.records, other.records)):
        if not isinstance(a.step.observation, dict):
            return None
        values = {"reward": (a.step.reward, b.step.reward)}
        for key in set(a.step.observation) & set(b.step.observation):
            values[key] = (a.step.observation[key], b.step.observation[key])
        for key, (mine, yours) in sorted(values.items()):
            if not np.array_equal(mine, yours, equal_nan=True):
                return f"at step {index} in '{key}'"
    return None
