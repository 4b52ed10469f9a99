"""Lets a policy act in [-1, 1] whatever units its environment takes."""

from __future__ import annotations

import numpy as np
from tf_agents.environments import py_environment, wrappers
from tf_agents.specs import array_spec

from robot_envs.errors import RobotError

_ENDLESS = 1e30


class ActionScaling(wrappers.PyEnvironmentBaseWrapper):
    """Maps float32 (A,) in [-1, 1] linearly onto the bounds of a continuous action.

    A discrete action passes as it is.
    """

    def __init__(self, env: py_environment.PyEnvironment, *, robot: str):
        """Wraps `env`; errors name `robot`.

        Raises:
            RobotError: a bound is infinite, or a lower one is not below its upper one.
        """
        super().__init__(env)
        spec = env.action_spec()
        self._inner = spec
        self._discrete = np.issubdtype(spec.dtype, np.integer)
        self._low = np.broadcast_to(np.asarray(spec.minimum, np.float64), spec.shape)
        self._high = np.broadcast_to(np.asarray(spec.maximum, np.float64), spec.shape)
        # TF-Agents' specs hold an infinite bound as the largest number of the dtype.
        finite = max(np.abs(self._low).max(), np.abs(self._high).max()) < _ENDLESS
        if not self._discrete and not (finite and np.all(self._low < self._high)):
            raise RobotError(
                f"{robot}: action: expected finite bounds, the lower below the upper, found "
                f"{self._low.tolist()} to {self._high.tolist()}"
            )

    def action_spec(self):
        """Returns float32 of the environment's shape in [-1, 1], or its discrete spec."""
        if self._discrete:
            return self._inner
        return array_spec.BoundedArraySpec(
            self._inner.shape, np.float32, -1.0, 1.0, self._inner.name
        )

    def _step(self, action):
        if self._discrete:
            return self._env.step(action)
        share = (np.asarray(action, np.float64) + 1) / 2
        scaled = np.clip(self._low + share * (self._high - self._low), self._low, self._high)
        return self._env.step(scaled.astype(self._inner.dtype))
