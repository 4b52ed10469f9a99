"""Starts steps at a fixed rate, and keeps account of those that came late."""

from __future__ import annotations

from typing import Any, Dict, Optional

from tf_agents.environments import py_environment, wrappers
from tf_agents.trajectories import time_step as ts

from robot_envs.clock import Clock
from robot_envs.environment_info import info_of


class RateControl(wrappers.PyEnvironmentBaseWrapper):
    """Sleeps before a step until 1 / rate after the step before it began.

    For environments whose step returns before its time is over. A step whose time has already
    come when it is asked for (the policy, the learner or the robot took too long) is an overrun:
    it starts at once, and the next one is due a full period later, so that lost time is never
    caught up in a burst. The first step after a reset starts the beat anew.
    """

    def __init__(
        self,
        env: py_environment.PyEnvironment,
        *,
        rate_hz: float,
        clock: Optional[Clock] = None,
        tolerance_seconds: float = 0.001,
    ):
        """Wraps `env`.

        Args:
            env: steps as fast as it is asked to.
            rate_hz: steps a second.
            clock: the machine's own if None.
            tolerance_seconds: a step that is no later than this is no overrun.

        Raises:
            ValueError: the rate is not positive.
        """
        if not rate_hz > 0:
            raise ValueError(f"rate_hz must be positive, not {rate_hz}")
        super().__init__(env)
        self._period = 1.0 / rate_hz
        self._clock = Clock() if clock is None else clock
        self._tolerance = tolerance_seconds
        self._due: Optional[float] = None
        self._steps = 0
        self._overruns = 0
        self._longest = 0.0

    def get_info(self) -> Dict[str, Any]:
        """Returns the environment's info and, since it was made, 'paced_steps', 'overruns' and
        'longest_overrun_seconds'."""
        return {
            **info_of(self._env),
            "paced_steps": self._steps,
            "overruns": self._overruns,
            "longest_overrun_seconds": self._longest,
        }

    def _reset(self) -> ts.TimeStep:
        self._due = None
        return self._env.reset()

    def _step(self, action) -> ts.TimeStep:
        self._wait()
        time_step = self._env.step(action)
        if time_step.is_first():  # A reset of the environment's own: it may have taken long.
            self._due = None
        return time_step

    def _wait(self) -> None:
        now = self._clock.now()
        if self._due is not None:
            late = now - self._due
            self._steps += 1
            if late > self._tolerance:
                self._overruns += 1
                self._longest = max(self._longest, late)
            elif late < 0:
                self._clock.sleep(-late)
                now = self._due
        self._due = now + self._period
