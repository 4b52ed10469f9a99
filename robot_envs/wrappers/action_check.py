"""Lets only actions that the robot may carry out through."""

from __future__ import annotations

import numpy as np
from tf_agents.environments import py_environment, wrappers

from robot_envs.errors import RobotError


class ActionCheck(wrappers.PyEnvironmentBaseWrapper):
    """Refuses actions of a wrong shape or that are not finite; clips the others into the spec."""

    def __init__(self, env: py_environment.PyEnvironment, *, robot: str):
        """Wraps `env`; errors name `robot`."""
        super().__init__(env)
        self._robot_name = robot
        self._spec = env.action_spec()

    def _step(self, action):
        """Steps with the checked action.

        Raises:
            RobotError: wrong shape, NaN or infinite, or a discrete action that does not exist.
        """
        action = np.asarray(action)
        spec = self._spec
        if action.shape != spec.shape:
            raise RobotError(f'{self._robot_name}: action: expected shape {spec.shape}, '
                             f'found {action.shape}')
        if not np.all(np.isfinite(action)):
            raise RobotError(f'{self._robot_name}: action: expected finite numbers, '
                             f'found {action.tolist()}')
        if np.issubdtype(spec.dtype, np.integer):
            if np.any(action < spec.minimum) or np.any(action > spec.maximum):
                raise RobotError(f'{self._robot_name}: action: expected {spec.minimum} to '
                                 f'{spec.maximum}, found {action.tolist()}')
        else:
            action = np.clip(action, spec.minimum, spec.maximum)
        return self._env.step(action.astype(spec.dtype))
