"""A continuous robot for policies that choose from a list."""

from __future__ import annotations

import numpy as np
from tf_agents.environments import py_environment, wrappers
from tf_agents.specs import array_spec

from robot_envs.errors import RobotError

_MAX_CHOICES = 1000


class ActionDiscretisation(wrappers.PyEnvironmentBaseWrapper):
    """Numbers all combinations of `bins` evenly spaced values of each motor.

    TF-Agents' own `ActionDiscretizeWrapper` keeps one number a motor; the agents here choose one
    number in all. Choice 0 has every motor at its lowest; the last motor changes fastest.
    """

    def __init__(self, env: py_environment.PyEnvironment, *, bins: int, robot: str):
        """Wraps `env`.

        Args:
            env: takes a bounded float action (A,).
            bins: values of each motor, both bounds included; an odd number includes the middle.
            robot: named in errors.

        Raises:
            RobotError: fewer than two bins, more than 1,000 combinations, or the action is no
                bounded float vector.
        """
        super().__init__(env)
        spec = env.action_spec()
        if not np.issubdtype(spec.dtype, np.floating) or len(spec.shape) != 1:
            raise RobotError(f"{robot}: only a float action (A,) can be cut into bins, not {spec}")
        (size,) = spec.shape
        if bins < 2 or bins**size > _MAX_CHOICES:
            raise RobotError(
                f"{robot}: bins={bins} for {size} motors make {bins**size} actions; choose 2 or "
                f"more, and {_MAX_CHOICES} combinations at most"
            )
        self._shape = (bins,) * size
        low = np.broadcast_to(spec.minimum, spec.shape)
        high = np.broadcast_to(spec.maximum, spec.shape)
        self._values = np.linspace(low, high, bins).astype(spec.dtype)  # (bins, A)

    def action_spec(self):
        """Returns int32 () from 0 to bins ** A - 1."""
        last = int(np.prod(self._shape)) - 1
        return array_spec.BoundedArraySpec((), np.int32, 0, last, "choice")

    def _step(self, action):
        index = np.unravel_index(int(action), self._shape)
        return self._env.step(self._values[index, np.arange(len(index))])
