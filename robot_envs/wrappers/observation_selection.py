"""Lets a policy see only some of a robot's sensors."""

from __future__ import annotations

from typing import Sequence

from tf_agents.environments import py_environment, wrappers
from tf_agents.trajectories import time_step as ts

from robot_envs.errors import RobotError


class ObservationSelection(wrappers.PyEnvironmentBaseWrapper):
    """Passes on the chosen keys of a dict observation, in the order of the environment."""

    def __init__(self, env: py_environment.PyEnvironment, *, keys: Sequence[str]):
        """Wraps `env`.

        Raises:
            RobotError: no key, or one that the environment does not have.
        """
        super().__init__(env)
        known = list(env.observation_spec())
        unknown = [key for key in keys if key not in known]
        if unknown or not keys:
            raise RobotError(f"no observation {', '.join(unknown) or 'chosen'}; "
                             f"choose from: {', '.join(known)}")
        self._keys = [key for key in known if key in keys]

    def observation_spec(self):
        """Returns the chosen part of the environment's spec."""
        spec = self._env.observation_spec()
        return {key: spec[key] for key in self._keys}

    def _reset(self) -> ts.TimeStep:
        return self._selected(self._env.reset())

    def _step(self, action) -> ts.TimeStep:
        return self._selected(self._env.step(action))

    def _selected(self, time_step: ts.TimeStep) -> ts.TimeStep:
        observation = {key: time_step.observation[key] for key in self._keys}
        return time_step._replace(observation=observation)
