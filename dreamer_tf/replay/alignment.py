"""The one place that shifts actions and rewards to the observations they led to.

TF-Agents pairs an observation with the action taken FROM it and the NEXT reward. The world model
wants the action that LED to the observation and the reward that arrived with it:

    environment   o0 -a0-> r1,o1 -a1-> r2,o2        o0 is FIRST, o2 is LAST
    replay step 0   o0, prev_action 0,  reward 0,  is_first
    replay step 1   o1, prev_action a0, reward r1
    replay step 2   o2, prev_action a1, reward r2, is_last (is_terminal if its discount is 0)
"""

from __future__ import annotations

from typing import Any

import numpy as np
from tf_agents.trajectories import time_step as ts
from tf_agents.trajectories import trajectory as tj


def action_vector(action: Any, num_actions: int | None = None) -> np.ndarray:
    """An action as replay stores it: float32 (..., A), one-hot if `num_actions` is given.

    Raises:
      ValueError: a discrete action outside 0 .. num_actions-1.
    """
    action = np.asarray(action)
    if num_actions is None:
        return action.astype(np.float32)
    if np.any(action < 0) or np.any(action >= num_actions):
        raise ValueError(f"discrete action {action} is outside 0 .. {num_actions - 1}")
    return np.eye(num_actions, dtype=np.float32)[action.astype(np.int64)]


def step_from_time_step(
    time_step: ts.TimeStep, prev_action: Any, num_actions: int | None = None
) -> dict[str, Any]:
    """The replay step of one unbatched `TimeStep`.

    Args:
      time_step: observation (a flat dict of arrays), the reward that arrived with it, its discount.
      prev_action: the action that led here, (A,) float or () int. At FIRST only its shape counts
        (zeros of the action's shape will do).
      num_actions: number of choices of a discrete action, None for a continuous one.

    Returns:
      Dict of arrays: each observation key, `prev_action` float32 (A,) (zeros at FIRST), `reward`
      float32 () (0 at FIRST), `is_first`, `is_last`, `is_terminal` (LAST and discount 0) bool ().

    Raises:
      ValueError: a discrete action outside 0 .. num_actions-1.
    """
    is_first = np.bool_(time_step.step_type == ts.StepType.FIRST)
    is_last = np.bool_(time_step.step_type == ts.StepType.LAST)
    previous = action_vector(prev_action, num_actions)
    return {
        **{key: np.asarray(value) for key, value in time_step.observation.items()},
        "prev_action": np.zeros_like(previous) if is_first else previous,
        "reward": np.float32(0.0 if is_first else time_step.reward),
        "is_first": is_first,
        "is_last": is_last,
        "is_terminal": np.bool_(is_last and time_step.discount == 0.0),
    }


def steps_from_trajectory(
    trajectory: tj.Trajectory,
    num_actions: int | None = None,
    previous: tj.Trajectory | None = None,
) -> dict[str, np.ndarray]:
    """The replay steps of T consecutive entries of a TF-Agents trajectory.

    Entry t of a trajectory holds observation t, the action taken from it and the reward and
    discount that came next; a boundary entry (LAST -> FIRST) holds the last observation of an
    episode and a meaningless action. Step t of the result takes action, reward and discount from
    entry t-1.

    Args:
      trajectory: arrays (T, ...), of one environment, nothing left out; observation is a flat dict.
      num_actions: number of choices of a discrete action, None for a continuous one.
      previous: the entry just before, without time axis; may be None if entry 0 is FIRST.

    Returns:
      Dict of arrays (T, ...) with the keys of `step_from_time_step`. The observation that the last
      entry led to is not in the trajectory and so has no step.

    Raises:
      ValueError: entry 0 is not FIRST and `previous` is missing, or an action is out of range.
    """
    step_type = np.asarray(trajectory.step_type)
    is_first = step_type == ts.StepType.FIRST
    is_last = step_type == ts.StepType.LAST
    if previous is None and not is_first[0]:
        raise ValueError("entry 0 is not the first of an episode: pass the entry before it")

    def shifted(name: str) -> np.ndarray:
        values = np.asarray(getattr(trajectory, name))
        before = values[:1] if previous is None else np.asarray(getattr(previous, name))[None]
        return np.concatenate([before, values[:-1]])

    # What precedes a FIRST is the boundary entry, or nothing: its values must not be read.
    actions = shifted("action")
    actions = action_vector(np.where(_like(is_first, actions), 0, actions), num_actions)
    return {
        **{key: np.asarray(value) for key, value in trajectory.observation.items()},
        "prev_action": np.where(is_first[:, None], np.float32(0), actions),
        "reward": np.where(is_first, 0, shifted("reward")).astype(np.float32),
        "is_first": is_first,
        "is_last": is_last,
        "is_terminal": is_last & (shifted("discount") == 0),
    }


def _like(flags: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Flags (T,) with trailing axes of size 1, to go with values (T, ...)."""
    return flags.reshape(flags.shape + (1,) * (values.ndim - 1))
