"""Moves the robot and writes what happens into the replay."""
from __future__ import annotations

import time
from typing import Callable, Dict, Mapping, NamedTuple, Optional

import numpy as np
from tf_agents.environments import py_environment
from tf_agents.trajectories import time_step as ts

from dreamer_tf.patient_reset import patient_reset
from dreamer_tf.replay.alignment import step_from_time_step
from dreamer_tf.trained_agent import Runner
from robot_envs.environment_info import info_of
from robot_envs.errors import RobotFault

COUNTED = 'guardian_'  # What a robot's guardian counts, see `robot_envs.robot.Robot.account`.


class Episode(NamedTuple):
    """An episode that has ended.

    Attributes:
      length: environment steps in it.
      total_reward: sum of its rewards.
      seconds: how long it took.
      account: what the robot's guardian counted meanwhile (faults, clips ...); {} for a twin.
    """

    length: int
    total_reward: float
    seconds: float
    account: Mapping[str, float] = {}

    @property
    def mean_reward(self) -> float:
        """Mean reward a step."""
        return self.total_reward / self.length


class Collector:
    """Steps the environment with random actions first, then with the collecting policy.

    Every time step, the first of an episode included, is given to `write` in the world model's
    convention. A fault that a program may go on from ends the sequence: nothing of its step is
    written, the robot is reset, and the next step is the first of an episode. The random actions
    are a function of seed and environment step, so that a resumed run goes on with the ones that
    an uninterrupted run would have drawn.
    """

    def __init__(self, env: py_environment.PyEnvironment, policy: Runner,
                 write: Callable[[dict], None], *, prefill_steps: int, seed: int,
                 prefill_hold_steps: int = 1, env_steps: int = 0,
                 num_discrete_actions: Optional[int] = None,
                 warn: Callable[[str], None] = lambda line: None,
                 paused: Callable[[], bool] = lambda: False):
        """Makes the collector; the environment is reset at the first step.

        Args:
          env: one robot, continuous (A,) or discrete () actions.
          policy: the collecting policy.
          write: takes one step, see `dreamer_tf/replay/alignment.py`.
          prefill_steps: environment steps with random actions, from step 0.
          prefill_hold_steps: environment steps that each random action is held for.
          seed: of the random actions.
          env_steps: environment steps that the run already has.
          num_discrete_actions: None when actions are continuous.
          warn: called with a line about each fault.
          paused: asked before and behind each reset; an episode that would begin then does not.
        """
        self._env = env
        self._policy = policy
        self._write = write
        self._prefill_steps = prefill_steps
        self._prefill_hold_steps = prefill_hold_steps
        self._seed = seed
        self._num_actions = num_discrete_actions
        self._warn = warn
        self._paused = paused
        self._counts: Dict[str, float] = {}
        self._action_spec = env.action_spec()
        self._time_step: Optional[ts.TimeStep] = None
        self._total_reward = 0.0
        self._length = 0
        self._began = 0.0
        self.env_steps = env_steps
        self.policy_seconds = 0.0
        self.env_seconds = 0.0

    def step(self) -> Optional[Episode]:
        """Makes one environment step, with a reset before it when an episode begins.

        No step is made when the robot is paused by the end of that reset: nothing of it is written,
        and the next call resets again, as somebody may have moved the robot meanwhile.

        Returns:
          The episode when this step has ended it, else None.

        Raises:
          RobotError: the robot or its sensors fail, and a person has to see to it; nothing of that
            step is written.
        """
        if self._time_step is None or self._time_step.is_last():
            self._time_step = patient_reset(self._env, warn=self._warn, halted=self._paused)
            if self._time_step is None:
                return None
            self._begin()
        action = self._choose()
        began = time.perf_counter()
        try:
            self._time_step = self._env.step(action)
        except RobotFault as fault:
            if fault.person:
                raise
            self._time_step = None
            self._warn('the episode ends after {} steps: {}'.format(self._length, fault))
            return None
        self.env_seconds += time.perf_counter() - began
        self._write(step_from_time_step(self._time_step, action, self._num_actions))
        self.env_steps += 1
        self._length += 1
        self._total_reward += float(self._time_step.reward)
        if not self._time_step.is_last():
            return None
        return Episode(self._length, self._total_reward, time.monotonic() - self._began,
                       self._account())

    def _account(self) -> Dict[str, float]:
        """What the robot's guardian has counted since the last call, without `COUNTED`."""
        info = info_of(self._env)
        counts = {name: float(info[name]) for name in info if name.startswith(COUNTED)}
        before, self._counts = self._counts, counts
        return {name[len(COUNTED):]: count - before.get(name, 0.0)
                for name, count in counts.items()}

    def _begin(self) -> None:
        spec = self._action_spec
        self._write(step_from_time_step(self._time_step, np.zeros(spec.shape, spec.dtype),
                                        self._num_actions))
        self._total_reward = 0.0
        self._length = 0
        self._began = time.monotonic()

    def _choose(self) -> np.ndarray:
        if self.env_steps < self._prefill_steps:
            block = self.env_steps // self._prefill_hold_steps
            return random_action(self._action_spec, (self._seed, block))
        began = time.perf_counter()
        action = self._policy.action(self._time_step)
        self.policy_seconds += time.perf_counter() - began
        return action


def random_action(spec, seed) -> np.ndarray:
    """Returns a uniform action within a bounded spec.

    Args:
      spec: BoundedArraySpec; integers include both bounds.
      seed: int or sequence of ints; the same seed gives the same action.
    """
    random = np.random.default_rng(seed)
    if np.issubdtype(spec.dtype, np.integer):
        return np.asarray(random.integers(spec.minimum, spec.maximum, spec.shape, endpoint=True),
                          spec.dtype)
    return random.uniform(spec.minimum, spec.maximum, spec.shape).astype(spec.dtype)
