"""A low-pass filter on actions, so that a robot moves smoothly whatever a policy asks."""

from __future__ import annotations

from typing import Callable

import numpy as np
from tf_agents.environments import py_environment, wrappers
from tf_agents.trajectories import time_step as ts

from robot_envs.wrappers.butterworth import Butterworth


class ActionFilter(wrappers.PyEnvironmentBaseWrapper):
    """Second-order Butterworth low-pass on a continuous action.

    What reaches the wrapped environment may overshoot the action's range by a few percent.
    """

    def __init__(
        self,
        env: py_environment.PyEnvironment,
        *,
        cutoff_hz: float,
        rate_hz: float,
        start: Callable[[ts.TimeStep], np.ndarray],
        restart: bool = True,
        follows: Callable[[], bool] = lambda: True,
    ):
        """Wraps `env`.

        Args:
            env: takes a continuous action (A,).
            cutoff_hz: where the filter lets 1/sqrt(2) of the amplitude through.
            rate_hz: steps a second.
            start: gives the action (A,) that holds the robot where it is, of the newest time
                step; the filter starts as if that had been asked for ever.
            restart: whether every FIRST step starts the filter anew; False for a robot that goes
                on moving through the ends of its episodes.
            follows: whether the robot still follows the action before. If not, as after a fault or
                a pause, a step starts the filter anew: else it would go on from a posture that the
                robot has left.
        """
        super().__init__(env)
        self._filter = Butterworth(cutoff_hz=cutoff_hz, rate_hz=rate_hz)
        self._start = start
        self._restart = restart
        self._follows = follows
        self._started = False

    def _reset(self) -> ts.TimeStep:
        return self._begin(self._env.reset())

    def _step(self, action: np.ndarray) -> ts.TimeStep:
        if not self._follows():
            self._filter.hold(self._start(self.current_time_step()))
        time_step = self._env.step(self._filter(action))
        return self._begin(time_step) if time_step.is_first() else time_step

    def _begin(self, time_step: ts.TimeStep) -> ts.TimeStep:
        if self._restart or not self._started:
            self._filter.hold(self._start(time_step))
            self._started = True
        return time_step
