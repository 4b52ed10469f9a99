"""Brings cameras' pictures to the size that the encoder takes."""

from __future__ import annotations

from typing import Dict, Tuple

import numpy as np
from tf_agents.environments import py_environment, wrappers
from tf_agents.specs import array_spec
from tf_agents.trajectories import time_step as ts

from robot_envs.area_mean import area_mean, area_weights


class ImageResize(wrappers.PyEnvironmentBaseWrapper):
    """Resizes every uint8 picture (height, width, C) of a dict observation by the mean of areas."""

    def __init__(self, env: py_environment.PyEnvironment, *, height: int = 64, width: int = 64):
        """Wraps `env`; pictures become (height, width, C)."""
        super().__init__(env)
        self._weights: Dict[str, Tuple[np.ndarray, np.ndarray]] = {}
        self._specs = dict(env.observation_spec())
        for key, spec in self._specs.items():
            if spec.dtype != np.uint8 or len(spec.shape) != 3 or spec.shape[:2] == (height, width):
                continue
            self._weights[key] = (
                area_weights(spec.shape[0], height),
                area_weights(spec.shape[1], width),
            )
            shape = (height, width, spec.shape[2])
            self._specs[key] = array_spec.BoundedArraySpec(shape, np.uint8, 0, 255, spec.name)

    def observation_spec(self):
        """Returns the environment's spec with pictures of the new size."""
        return dict(self._specs)

    def _reset(self) -> ts.TimeStep:
        return self._resized(self._env.reset())

    def _step(self, action) -> ts.TimeStep:
        return self._resized(self._env.step(action))

    def _resized(self, time_step: ts.TimeStep) -> ts.TimeStep:
        observation = dict(time_step.observation)
        for key, (rows, columns) in self._weights.items():
            observation[key] = area_mean(observation[key], rows, columns)
        return time_step._replace(observation=observation)
