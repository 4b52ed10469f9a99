"""A robot that costs nothing and whose every observation is unlike all others."""

import numpy as np
from tf_agents.environments import py_environment, wrappers
from tf_agents.specs import array_spec
from tf_agents.trajectories import time_step as ts

from robot_envs.registry import RobotEntry
from robot_envs.time_steps import mid_step

EPISODE_STEPS = 50
FAKE = RobotEntry("fake", "For tests of the roles", 20.0, EPISODE_STEPS, ("twin",), "fake_robot")


class FakeEnvironment(py_environment.PyEnvironment):
    """Observation 'noise' float32 (4,), another one at every step of every process."""

    def __init__(self):
        super().__init__()
        self._random = np.random.default_rng()

    def observation_spec(self):
        return {"noise": array_spec.ArraySpec((4,), np.float32, "noise")}

    def action_spec(self):
        return array_spec.BoundedArraySpec((2,), np.float32, -1.0, 1.0, "action")

    def _reset(self):
        return ts.restart(self._observe())

    def _step(self, action):
        return mid_step(self._observe(), float(action[0]))

    def _observe(self):
        return {"noise": self._random.standard_normal(4).astype(np.float32)}


def make_twin(seed, *, episode_steps=EPISODE_STEPS):
    """Called by the registry. `seed` is not used: no two processes may see the same."""
    del seed
    return wrappers.TimeLimit(FakeEnvironment(), episode_steps)
