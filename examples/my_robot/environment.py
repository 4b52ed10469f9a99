"""The task: bring the hand to a point that changes with every episode."""

from __future__ import annotations

from typing import Any, Dict

import numpy as np
from tf_agents.environments import py_environment
from tf_agents.specs import array_spec
from tf_agents.trajectories import time_step as ts

from examples.my_robot import constants
from examples.my_robot.kinematics import elbow_and_hand
from robot_envs.robot import Robot
from robot_envs.time_steps import mid_step


class ReacherEnvironment(py_environment.PyEnvironment):
    """An endless environment at 10 Hz that does not know whether its robot is real.

    Observation, all float32: 'joints' (4,) cosines and sines of both angles, 'speeds' (2,) in
    radians a second, 'to_goal' (2,) from the hand to the goal in units of 10 cm. Action: float32
    (2,), speeds of the joints in [-1, 1]. Reward: minus the distance to the goal, in 10 cm.
    """

    def __init__(self, robot: Robot, *, seed: int):
        """Connects the robot.

        Args:
            robot: see `constants.py` for its readings and command.
            seed: of the goals.
        """
        super().__init__()
        self._robot = robot
        self._random = np.random.default_rng(seed)
        self._goal = np.zeros(2)
        self._info: Dict[str, Any] = {}
        robot.connect()

    def observation_spec(self):
        """Returns the specs that the class names."""
        sizes = {"joints": 4, "speeds": 2, "to_goal": 2}
        return {key: array_spec.ArraySpec((n,), np.float32, key) for key, n in sizes.items()}

    def action_spec(self):
        """Returns float32 (2,) in [-1, 1]."""
        return array_spec.BoundedArraySpec((2,), np.float32, -1.0, 1.0, "speeds")

    def get_info(self) -> Dict[str, Any]:
        """Returns what is logged but not observed.

        'distance' in metres, 'angles' (2,), 'goal' (2,), 'time' in seconds, and from a real robot
        its account.
        """
        return {**self._info, **self._robot.account()}

    def render(self, mode: str = "rgb_array"):
        """Returns a picture for people, or None."""
        return self._robot.picture()

    def close(self) -> None:
        """Stops the robot and lets go of it."""
        self._robot.close()

    def _reset(self) -> ts.TimeStep:
        self._robot.connect()  # Goes on from a fault, where a program may.
        self._robot.vary()
        radius = self._random.uniform(constants.GOAL_MIN_METERS, constants.GOAL_MAX_METERS)
        angle = self._random.uniform(-np.pi, np.pi)
        self._goal = radius * np.array([np.cos(angle), np.sin(angle)])
        return ts.restart(self._observe())  # The arm stays where it is, as a real one would.

    def _step(self, action: np.ndarray) -> ts.TimeStep:
        speed = constants.SPEED_AT_FULL_ACTION_RADIANS_PER_SECOND
        self._robot.command(speed * np.asarray(action, np.float64), 1 / constants.RATE_HZ)
        observation = self._observe()
        return mid_step(observation, -10 * self._info["distance"])

    def _observe(self) -> Dict[str, np.ndarray]:
        values, time = self._robot.read()
        to_goal = self._goal - elbow_and_hand(values["angles"])[1]
        self._info = {"distance": float(np.linalg.norm(to_goal)), "goal": self._goal,
                      "angles": values["angles"], "time": time}
        joints = np.concatenate([np.cos(values["angles"]), np.sin(values["angles"])])
        observation = {"joints": joints, "speeds": values["speeds"], "to_goal": 10 * to_goal}
        return {key: value.astype(np.float32) for key, value in observation.items()}
