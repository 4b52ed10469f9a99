"""The A1 task: from lying on its back to walking."""

from __future__ import annotations

from typing import Any, Dict

import numpy as np
from tf_agents.environments import py_environment
from tf_agents.specs import array_spec
from tf_agents.trajectories import time_step as ts

from robot_envs.a1 import constants
from robot_envs.a1.joint_targets import to_radians
from robot_envs.a1.reward import reward_terms
from robot_envs.robot import Reading, Robot
from robot_envs.time_steps import mid_step


class A1Environment(py_environment.PyEnvironment):
    """The published walking task as an endless environment at 20 Hz.

    Observation: {'imu': float32 (4,) roll and pitch in radians and their rates in radians a
    second, 'joint_angles': float32 (12,) in radians within +-pi}. Action: float32 (12,), target
    joint angles, [-1, 1] being the action range of `constants.py`; whoever makes this environment
    puts the low-pass filter around it. Reward: see `reward.py`. The discount is always 1, and
    `reset` does not move the robot: it goes on from where it lies.
    """

    def __init__(self, robot: Robot):
        """Connects the robot; see `constants.py` for its readings and command."""
        super().__init__()
        self._robot = robot
        self._info: Dict[str, Any] = {}
        robot.connect()

    def observation_spec(self):
        """Returns {'imu': float32 (4,), 'joint_angles': float32 (12,)}."""
        return {
            'imu': array_spec.ArraySpec((4,), np.float32, 'imu'),
            'joint_angles': array_spec.BoundedArraySpec(
                (constants.NUM_JOINTS,), np.float32, -np.pi, np.pi, 'joint_angles'),
        }

    def action_spec(self):
        """Returns float32 (12,) in [-1, 1]."""
        return array_spec.BoundedArraySpec(
            (constants.NUM_JOINTS,), np.float32, constants.ACTION_MIN, constants.ACTION_MAX,
            'joint_targets')

    def get_info(self) -> Dict[str, Any]:
        """Returns what is logged but not observed.

        The terms of the reward by name and their sum 'reward', 'up_z' (-1 to 1), 'forward_speed'
        and 'speed' in metres a second, 'joint_angles' (12,) in radians, not wrapped, and 'time' in
        seconds on the robot's clock. Of a robot behind a guardian also its `account`.
        """
        return {**self._info, **self._robot.account()}

    def follows(self) -> bool:
        """Returns whether the robot still follows the last action; see `Robot.follows`."""
        return self._robot.follows()

    def measured_angles(self) -> np.ndarray:
        """Returns the joint angles of this moment, (12,) in radians, not wrapped.

        Raises:
            RobotError: the robot tells none.
        """
        return self._robot.read().values['joint_angles']

    def push(self, impulse: np.ndarray) -> None:
        """Pushes the trunk during the next step by `impulse`, (3,) newton seconds; twins only."""
        self._robot.push(impulse)

    def set_light(self, light: float) -> None:
        """Sets the brightness of the pictures, 1 is usual; twins only."""
        self._robot.set_light(light)

    def render(self, mode: str = 'rgb_array'):
        """Returns a picture for people, uint8 (256, 384, 3) from a twin.

        Raises:
            RobotError: there is no GL library; the line names the package.
        """
        if mode != 'rgb_array':
            raise NotImplementedError(f"render mode '{mode}'; only 'rgb_array' is there")
        return self._robot.picture()

    def close(self) -> None:
        """Stops the robot and lets go of it."""
        self._robot.close()

    def _reset(self) -> ts.TimeStep:
        self._robot.connect()  # Goes on from a fault, where a program may.
        self._robot.vary()
        return ts.restart(self._observe(self._robot.read()))

    def _step(self, action: np.ndarray) -> ts.TimeStep:
        self._robot.command(to_radians(action), 1 / constants.RATE_HZ)
        observation = self._observe(self._robot.read())
        return mid_step(observation, self._info['reward'])

    def _observe(self, reading: Reading) -> Dict[str, np.ndarray]:
        values = reading.values
        w, x, y, z = values['orientation']
        roll = np.arctan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y))
        pitch = np.arcsin(np.clip(2 * (w * y - z * x), -1, 1))
        up_z = 1 - 2 * (x * x + y * y)
        heading = np.arctan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
        velocity, angles = values['velocity'], values['joint_angles']
        forward_speed = velocity[0] * np.cos(heading) + velocity[1] * np.sin(heading)
        speed = float(np.linalg.norm(velocity))
        terms = reward_terms(up_z, angles, forward_speed, speed)
        self._info = {**terms, 'reward': sum(terms.values()), 'up_z': float(up_z),
                      'forward_speed': float(forward_speed), 'speed': speed,
                      'joint_angles': angles, 'time': reading.time}
        wrapped = (angles + np.pi) % (2 * np.pi) - np.pi
        return {
            'imu': np.array([roll, pitch, *values['angular_velocity'][:2]], np.float32),
            # float32 rounds pi up, out of the range.
            'joint_angles': np.clip(wrapped.astype(np.float32), -_PI, _PI),
        }


_PI = np.nextafter(np.float32(np.pi), np.float32(0))
