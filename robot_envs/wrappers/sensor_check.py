"""Lets nothing past that would poison the replay."""

from __future__ import annotations

import numpy as np
from tf_agents.environments import py_environment, wrappers
from tf_agents.trajectories import time_step as ts

from robot_envs.errors import RobotError


class SensorCheck(wrappers.PyEnvironmentBaseWrapper):
    """Holds every time step against the specs of the environment that it wraps."""

    def __init__(self, env: py_environment.PyEnvironment, *, robot: str):
        """Wraps `env`, whose observation is a dict of arrays; errors name `robot`."""
        super().__init__(env)
        self._robot_name = robot
        self._specs = env.observation_spec()

    def _reset(self):
        return self._checked(self._env.reset())

    def _step(self, action):
        return self._checked(self._env.step(action))

    def _checked(self, time_step: ts.TimeStep) -> ts.TimeStep:
        """Returns `time_step` unchanged.

        Raises:
            RobotError: an observation key is missing or unknown, has another shape or dtype, or
                it, the reward or the discount is not finite. The line names robot, key, what was
                expected and what was found.
        """
        observation = time_step.observation
        if set(observation) != set(self._specs):
            self._refuse('observation', f'the keys {sorted(self._specs)}', sorted(observation))
        for key, spec in self._specs.items():
            self._check_array(key, observation[key], spec.shape, spec.dtype)
        self._check_array('reward', time_step.reward, (), np.dtype(np.float32))
        self._check_array('discount', time_step.discount, (), np.dtype(np.float32))
        return time_step

    def _check_array(self, key, value, shape, dtype) -> None:
        array = np.asarray(value)
        if array.shape != tuple(shape):
            self._refuse(key, f'shape {tuple(shape)}', f'shape {array.shape}')
        if array.dtype != dtype:
            self._refuse(key, f'dtype {np.dtype(dtype).name}', f'dtype {array.dtype.name}')
        if np.issubdtype(array.dtype, np.floating) and not np.all(np.isfinite(array)):
            bad = array[~np.isfinite(array)]
            self._refuse(key, 'finite numbers', f'{bad.size} of {array.size} not finite ({bad[0]})')

    def _refuse(self, key, expected, found) -> None:
        raise RobotError(f'{self._robot_name}: {key}: expected {expected}, found {found}')
