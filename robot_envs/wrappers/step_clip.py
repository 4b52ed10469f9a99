"""Limits how far an action may be from the one before it."""

from __future__ import annotations

from typing import Any, Callable, Dict, Optional, Sequence, Union

import numpy as np
from tf_agents.environments import py_environment, wrappers
from tf_agents.trajectories import time_step as ts

from robot_envs.environment_info import info_of


class StepClip(wrappers.PyEnvironmentBaseWrapper):
    """Moves the action by at most `max_change` a step towards what was asked for."""

    def __init__(
        self,
        env: py_environment.PyEnvironment,
        *,
        max_change: Union[float, Sequence[float]],
        start: Callable[[ts.TimeStep], np.ndarray],
        restart: bool = True,
    ):
        """Wraps `env`.

        Args:
            env: takes a continuous action (A,).
            max_change: in units of the action, one number or (A,).
            start: gives the action (A,) that holds the robot where a FIRST time step finds it;
                the first change is counted from there.
            restart: whether every FIRST step starts anew; False for a robot that goes on moving
                through the ends of its episodes.

        Raises:
            ValueError: a change is not positive, or there are not A of them.
        """
        super().__init__(env)
        shape = env.action_spec().shape
        self._max_change = np.asarray(max_change, np.float64)
        if self._max_change.shape not in ((), shape) or not np.all(self._max_change > 0):
            raise ValueError(
                f"max_change must be positive, one number or of shape {shape}, not {max_change}"
            )
        self._start = start
        self._restart = restart
        self._last: Optional[np.ndarray] = None
        self._clips = 0

    def get_info(self) -> Dict[str, Any]:
        """Returns the environment's info and 'step_clips', how many steps were clipped so far."""
        return {**info_of(self._env), "step_clips": self._clips}

    def _reset(self) -> ts.TimeStep:
        return self._begin(self._env.reset())

    def _step(self, action: np.ndarray) -> ts.TimeStep:
        asked = np.asarray(action, np.float64)
        allowed = np.clip(asked, self._last - self._max_change, self._last + self._max_change)
        self._clips += bool(np.any(allowed != asked))
        self._last = allowed
        time_step = self._env.step(allowed.astype(self._env.action_spec().dtype))
        return self._begin(time_step) if time_step.is_first() else time_step

    def _begin(self, time_step: ts.TimeStep) -> ts.TimeStep:
        if self._restart or self._last is None:
            self._last = np.asarray(self._start(time_step), np.float64)
        return time_step
