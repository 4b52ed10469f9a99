"""Disturbances in the middle of a run: another light, pushes. For experiments on adaptation.

Off by default; switched on by gin, for instance

    Disturbances.light = 0.4                # of a twin's usual brightness ...
    Disturbances.light_after_steps = 2000   # ... from then on
    Disturbances.push_newton_seconds = 8
    Disturbances.steps_between_pushes = 200
"""

from __future__ import annotations

import dataclasses

import gin
import numpy as np
from tf_agents.environments import py_environment, wrappers
from tf_agents.trajectories import time_step as ts

from robot_envs.errors import RobotError


@gin.configurable
@dataclasses.dataclass(frozen=True)
class Disturbances:
    """What happens to a twin, and when. Steps are those of one environment since it was made.

    Attributes:
        light: brightness of the room, 1 is usual.
        light_after_steps: environment steps before the light changes.
        push_newton_seconds: impulse of a push, in a random horizontal direction; 0 is none.
        pushes_after_steps: environment steps before the first push may come.
        steps_between_pushes: mean number of steps from one push to the next; when they come is
            random.
    """

    light: float = 1.0
    light_after_steps: int = 0
    push_newton_seconds: float = 0.0
    pushes_after_steps: int = 0
    steps_between_pushes: int = 200

    def __post_init__(self):
        for name, value in dataclasses.asdict(self).items():
            least = 1 if name == 'steps_between_pushes' else 0
            if not least <= value < np.inf:
                raise RobotError(f'Disturbances.{name} must be at least {least}, not {value}')

    @property
    def is_on(self) -> bool:
        """Whether anything happens."""
        return self.light != 1 or self.push_newton_seconds > 0


class DisturbedEnvironment(wrappers.PyEnvironmentBaseWrapper):
    """Lets disturbances happen to a twin."""

    def __init__(
        self, env: py_environment.PyEnvironment, disturbances: Disturbances, *, seed: int
    ):
        """Wraps `env`.

        Args:
            env: of a twin, with the methods `set_light` and `push` of `robot_envs.robot.Robot`.
            disturbances: what happens.
            seed: of the pushes.
        """
        super().__init__(env)
        self._disturbances = disturbances
        self._random = np.random.default_rng([seed, 0xD157])
        self._steps = 0

    def _reset(self) -> ts.TimeStep:
        return self._env.reset()

    def _step(self, action) -> ts.TimeStep:
        """Raises RobotError for a robot that is real, or has no light or cannot be pushed."""
        planned = self._disturbances
        if planned.light != 1 and self._steps == planned.light_after_steps:
            self._env.set_light(planned.light)
        due = self._random.random() < 1 / planned.steps_between_pushes
        if planned.push_newton_seconds and due and self._steps >= planned.pushes_after_steps:
            angle = self._random.uniform(-np.pi, np.pi)
            direction = np.array([np.cos(angle), np.sin(angle), 0.0])
            self._env.push(planned.push_newton_seconds * direction)
        self._steps += 1
        return self._env.step(action)
