"""Plays episodes with the mode of the policy, in an environment of its own."""
from __future__ import annotations

from typing import Callable, List, NamedTuple, Optional

import numpy as np
from tf_agents.environments import py_environment

from dreamer_tf.trained_agent import Runner
from robot_envs.errors import RobotError


class Evaluation(NamedTuple):
    """What some episodes gave.

    Attributes:
      mean_return: mean over episodes of the sum of rewards.
      mean_reward: mean reward a step.
      frames: pictures of the first episode, uint8 (height, width, 3); empty when there are none.
    """

    mean_return: float
    mean_reward: float
    frames: List[np.ndarray]


class Evaluator:
    """Evaluates a policy without writing anything to the replay."""

    def __init__(self, env: py_environment.PyEnvironment, policy: Runner, *,
                 episodes: int, warn: Callable[[str], None]):
        """Makes the evaluator.

        Args:
          env: not the one that collects, so that its episode goes on undisturbed.
          policy: the mode of the policy.
          episodes: how many to play, at least 1.
          warn: called once with a line when no picture can be drawn.
        """
        self._env = env
        self._policy = policy
        self._episodes = episodes
        self._warn: Optional[Callable[[str], None]] = warn

    def run(self, *, render: bool = False, stop: Callable[[], bool] = lambda: False
            ) -> Optional[Evaluation]:
        """Plays the episodes.

        Args:
          render: draw the first episode.
          stop: asked before every step; True leaves at once.

        Returns:
          The result, or None when `stop` said so.

        Raises:
          RobotError: the robot or its sensors fail.
        """
        returns, lengths = [], []
        frames: List[np.ndarray] = []
        for index in range(self._episodes):
            time_step = self._env.reset()
            total, length = 0.0, 0
            while not time_step.is_last():
                if stop():
                    return None
                if render and index == 0:
                    self._draw(frames)
                time_step = self._env.step(self._policy.action(time_step))
                total += float(time_step.reward)
                length += 1
            returns.append(total)
            lengths.append(length)
        return Evaluation(float(np.mean(returns)), float(np.sum(returns) / np.sum(lengths)), frames)

    def _draw(self, frames: List[np.ndarray]) -> None:
        if self._warn is None:
            return
        try:
            picture = self._env.render()
        except (RobotError, NotImplementedError) as error:
            self._warn('no video of the robot: {}'.format(error))
            self._warn = None
            return
        if picture is not None:
            frames.append(np.asarray(picture))
