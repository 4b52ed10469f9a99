"""The Sphero task: drive to the goal, seen from above."""

from __future__ import annotations

from typing import Any, Dict

import numpy as np
from tf_agents.environments import py_environment
from tf_agents.specs import array_spec
from tf_agents.trajectories import time_step as ts

from robot_envs.robot import Reading, Robot
from robot_envs.sphero import constants
from robot_envs.time_steps import mid_step


def goal_distance(position: np.ndarray) -> float:
    """Returns the distance from `position`, (2,) in arena units, to the goal in the same units."""
    return float(np.hypot(position[0] - constants.GOAL_ARENA[0],
                          position[1] - constants.GOAL_ARENA[1]))


class SpheroEnvironment(py_environment.PyEnvironment):
    """The published navigation task as an endless environment at 2 Hz.

    Observation: {'image': uint8 (64, 64, 3)}. Action: float32 (2,), left and right motor in
    [-1, 1] for half a second. Reward: minus the distance to the goal in arena units. The discount
    is always 1; a time limit around this class makes episodes. `reset` drives at random, as the
    real robot must, and lets the robot come to rest.
    """

    def __init__(self, robot: Robot, *, seed: int):
        """Connects the robot.

        Args:
            robot: reads 'image' and 'position', takes two motor values; see `constants.py`.
            seed: of the random drives in `reset`.
        """
        super().__init__()
        self._robot = robot
        self._random = np.random.default_rng(seed)
        self._info: Dict[str, Any] = {}
        robot.connect()

    def observation_spec(self):
        """Returns {'image': uint8 (64, 64, 3)}."""
        size = constants.IMAGE_SIZE_PX
        return {'image': array_spec.BoundedArraySpec((size, size, 3), np.uint8, 0, 255, 'image')}

    def action_spec(self):
        """Returns float32 (2,) in [-1, 1]."""
        return array_spec.BoundedArraySpec(
            (constants.NUM_MOTORS,), np.float32, constants.ACTION_MIN, constants.ACTION_MAX,
            'motors')

    def get_info(self) -> Dict[str, Any]:
        """Returns what is logged but not observed.

        'position' (2,) and 'distance' in arena units, 'success' (bool, never part of the reward),
        'time' in seconds on the robot's clock, and 'heading' in radians from a twin. Of a robot
        behind a guardian also its `account`.
        """
        return {**self._info, **self._robot.account()}

    def push(self, impulse: np.ndarray) -> None:
        """Pushes the robot by `impulse`, (3,) newton seconds; RobotError where it cannot be."""
        self._robot.push(impulse)

    def set_light(self, light: float) -> None:
        """Sets the brightness of the room, 1 is usual; twins only."""
        self._robot.set_light(light)

    def render(self, mode: str = 'rgb_array'):
        """Returns a picture for people, uint8 (256, width, 3) from a twin."""
        if mode != 'rgb_array':
            raise NotImplementedError(f"render mode '{mode}'; only 'rgb_array' is there")
        return self._robot.picture()

    def close(self) -> None:
        """Stops the robot and lets go of it."""
        self._robot.close()

    def _reset(self) -> ts.TimeStep:
        self._robot.connect()  # Goes on from a fault, where a program may.
        self._robot.vary()
        for _ in range(constants.RESET_BURSTS):
            signs = self._random.choice([-1.0, 1.0], constants.NUM_MOTORS)
            self._robot.command(signs * constants.RESET_BURST_RAW / constants.MOTOR_SCALE_RAW,
                                constants.RESET_BURST_SECONDS)
        self._robot.command(np.zeros(constants.NUM_MOTORS), constants.RESET_SETTLE_SECONDS)
        self._robot.stop()
        return ts.restart(self._observe(self._robot.read()))

    def _step(self, action: np.ndarray) -> ts.TimeStep:
        self._robot.command(action, 1 / constants.RATE_HZ)
        observation = self._observe(self._robot.read())
        return mid_step(observation, -self._info['distance'])

    def _observe(self, reading: Reading) -> Dict[str, np.ndarray]:
        values = reading.values
        distance = goal_distance(values['position'])
        self._info = {
            'position': values['position'],
            'distance': distance,
            'success': distance < constants.SUCCESS_DISTANCE_ARENA,
            'time': reading.time,
        }
        if 'heading' in values:
            self._info['heading'] = float(values['heading'])
        return {'image': values['image']}
