"""Ends episodes when a person asks for it, and tells the person what goes on."""

from __future__ import annotations

import contextlib
import numbers
from typing import Iterator

from tf_agents.environments import py_environment, wrappers
from tf_agents.trajectories import time_step as ts

from dreamer_tf.console.operator import Operator
from dreamer_tf.errors import RobotPaused
from robot_envs.environment_info import info_of
from robot_envs.errors import RobotFault


class OperatedEnvironment(wrappers.PyEnvironmentBaseWrapper):
    """The outermost wrapper of a robot that a person watches.

    An end that was asked for is a truncation: the last step has the discount that it has, so that
    the sequence in replay ends as with a time limit, and the next one begins with `is_first`.
    A fault ends an episode too. While `is_paused`, whoever steps the environment must not, a reset
    raises RobotPaused, and an episode whose reset a pause has come into must not be begun.
    """

    def __init__(
        self, env: py_environment.PyEnvironment, operator: Operator, env_steps: int = 0
    ):
        """Wraps `env`.

        Args:
          env: the robot.
          operator: what a person wants, and is told.
          env_steps: steps that the run already has. They are told here, before an end is: who
            reads "paused" reads the number of the last step too.
        """
        super().__init__(env)
        self._operator = operator
        self._env_steps = env_steps
        self._step_of_episode = 0
        self._return = 0.0

    @property
    def is_paused(self) -> bool:
        """See `Operator.is_paused`."""
        return self._operator.is_paused

    def _reset(self) -> ts.TimeStep:
        if not self._operator.reset_begins():
            raise RobotPaused
        self._operator.report(doing="reset")
        with self._a_fault_ends_the_episode():
            time_step = self._env.reset()
        self._step_of_episode, self._return = 0, 0.0
        self._tell(0.0)
        self._operator.reset_ended()
        return time_step

    def _step(self, action) -> ts.TimeStep:
        self._operator.step_begins()
        with self._a_fault_ends_the_episode():
            time_step = self._env.step(action)
        self._env_steps += 1
        if time_step.is_first():  # a reset of the environment's own
            self._step_of_episode, self._return = 0, 0.0
            self._tell(0.0)
            return time_step
        self._step_of_episode += 1
        self._return += float(time_step.reward)
        self._tell(float(time_step.reward))
        if self._operator.wants_end and not time_step.is_last():
            time_step = time_step._replace(step_type=ts.StepType.LAST)
        if time_step.is_last():
            self._operator.episode_ended()
        return time_step

    @contextlib.contextmanager
    def _a_fault_ends_the_episode(self) -> Iterator[None]:
        try:
            yield
        except RobotFault:  # The robot is in its safe state: who pauses need not wait for a step.
            self._operator.episode_ended()
            raise

    def _tell(self, reward: float) -> None:
        numbers_of_info = {
            key: value
            for key, value in info_of(self._env).items()
            if isinstance(value, (numbers.Real, str))
        }
        self._operator.report(
            doing="episode",
            env_steps=self._env_steps,
            episode_step=self._step_of_episode,
            reward=reward,
            episode_return=self._return,
            robot=numbers_of_info,
        )
