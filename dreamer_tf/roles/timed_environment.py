"""When observations came and when actions were carried out."""

from __future__ import annotations

from tf_agents.environments import py_environment, wrappers
from tf_agents.trajectories import time_step as ts

from robot_envs.clock import Clock


class TimedEnvironment(wrappers.PyEnvironmentBaseWrapper):
    """Notes the age of the observation at the moment an action is begun.

    It stands inside `RateControl`, so that the age includes the wait for the beat.

    Attributes:
      observed_at: when the newest observation came, in seconds of the clock.
      ages: seconds from observation to action, of each step since somebody emptied the list.
    """

    def __init__(self, env: py_environment.PyEnvironment, clock: Clock):
        """Wraps `env`."""
        super().__init__(env)
        self._clock = clock
        self.observed_at = clock.now()
        self.ages: list[float] = []

    def _reset(self) -> ts.TimeStep:
        time_step = self._env.reset()
        self.observed_at = self._clock.now()
        return time_step

    def _step(self, action) -> ts.TimeStep:
        self.ages.append(self._clock.now() - self.observed_at)
        time_step = self._env.step(action)
        self.observed_at = self._clock.now()
        return time_step
