"""Some hundred steps of an environment, with all that came with them."""

from __future__ import annotations

import contextlib
import time
from typing import Any, Callable, Dict, List, NamedTuple, Optional

import numpy as np
import tensorflow as tf
from tf_agents.environments import py_environment
from tf_agents.specs import array_spec
from tf_agents.trajectories import time_step as ts


class Record(NamedTuple):
    """One time step.

    Attributes:
        step: a copy, made when it came.
        given: the very object that the environment gave.
        info: of `get_info()`, None if there is none.
        seconds: how long the call took.
    """

    step: ts.TimeStep
    given: ts.TimeStep
    info: Optional[Dict[str, Any]]
    seconds: float


class Recording(NamedTuple):
    """Time steps in their order.

    Attributes:
        records: all that came.
        error: what ended the recording early, or None.
    """

    records: List[Record]
    error: Optional[Exception]

    def episodes(self) -> List[List[Record]]:
        """Returns the records cut before every FIRST step."""
        episodes: List[List[Record]] = []
        for record in self.records:
            if record.step.step_type == ts.StepType.FIRST or not episodes:
                episodes.append([])
            episodes[-1].append(record)
        return episodes


def make_actions(spec, count: int, *, seed: int, extremes: bool) -> List[np.ndarray]:
    """Returns `count` random actions; with `extremes` the smallest and the largest come first."""
    random = np.random.RandomState(seed)
    actions = [array_spec.sample_bounded_spec(spec, random) for _ in range(count)]
    if extremes:
        for index, bound in enumerate((spec.minimum, spec.maximum)):
            actions[index] = np.broadcast_to(bound, spec.shape).astype(spec.dtype)
    return actions


def record(
    env: py_environment.PyEnvironment,
    actions: List[np.ndarray],
    clock: Callable[[], float] = time.perf_counter,
) -> Recording:
    """Resets `env` and carries out `actions`, with a reset after every LAST step.

    Returns:
        What came, up to the first exception.
    """
    records: List[Record] = []
    try:
        records.append(_timed(env, env.reset, clock))
        for action in actions:
            last = records[-1].step.step_type == ts.StepType.LAST
            call = env.reset if last else lambda action=action: env.step(action)
            records.append(_timed(env, call, clock))
    except Exception as error:  # Whatever a builder's environment raises is a finding.
        return Recording(records, error)
    return Recording(records, None)


def close_quietly(env: py_environment.PyEnvironment) -> None:
    """Closes an environment; what is wrong with closing is told by a check of its own."""
    with contextlib.suppress(Exception):
        env.close()


def _timed(env, call, clock) -> Record:
    began = clock()
    step = call()
    seconds = clock() - began
    try:
        info = env.get_info()
    except (NotImplementedError, AttributeError):
        info = None
    return Record(tf.nest.map_structure(np.array, step), step, info, seconds)
