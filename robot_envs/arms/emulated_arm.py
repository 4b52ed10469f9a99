"""An arm's twin in real time, moved by targets as a controller's servo loop moves the arm."""

from __future__ import annotations

import time
from typing import Any, Dict

import numpy as np

from robot_envs.arms import constants, rotations
from robot_envs.arms.twin import ArmModel, ArmTwin, mujoco
from robot_envs.errors import RobotError

_MOST_STEPS = 40  # At once; a busy machine makes the robot slow rather than late.
_SERVO_RADIANS_PER_SECOND = 30.0  # The servo follows its target this quickly: 2 / this late.
_FASTEST_RADIANS_PER_SECOND = 2.0
_REST_RADIANS_PER_SECOND = 0.02


class EmulatedArm:
    """What is behind a controller, whatever protocol it speaks.

    Targets of the tool are turned into joint angles, which a critically damped filter follows; the
    twin's position servos are told angle and speed of the filter.
    """

    def __init__(self, arm: ArmModel, *, seed: int):
        """Puts the twin at home, its objects into the left bin.

        Args:
            arm: which one.
            seed: of the objects' places.
        """
        self._twin = ArmTwin(arm, seed=seed)
        self._model, self._data = self._twin.physics
        self._joints = slice(0, len(arm.home))
        self._fingers = slice(len(arm.home), len(arm.home) + 2)
        gains = self._model.actuator_gainprm[self._joints, 0]
        self._lead_seconds = -self._model.actuator_biasprm[self._joints, 2] / gains
        self._low, self._high = self._model.jnt_range[self._joints].T
        self._target = self._data.qpos[self._joints].copy()
        self._angles, self._speeds = self._target.copy(), np.zeros(len(arm.home))
        self._asked = self.pose
        self._rotation = arm.rotation_vector
        self._moved = time.monotonic()
        self._simulated = 0.0
        self._is_servo = False
        self._stopped_since = self._moved
        self._extremes: Dict[str, Any] = {'speed': 0.0, 'torque': 0.0,
                                          'low': [np.inf] * 3, 'high': [-np.inf] * 3}

    @property
    def seconds(self) -> float:
        """The simulated time."""
        return self._simulated

    @property
    def twin(self) -> ArmTwin:
        """What is moved, for pictures of it."""
        return self._twin

    @property
    def angles(self) -> np.ndarray:
        """(N,) radians."""
        return self._data.qpos[self._joints].copy()

    @property
    def speeds(self) -> np.ndarray:
        """(N,) radians a second."""
        return self._data.qvel[self._joints].copy()

    @property
    def torques(self) -> np.ndarray:
        """(N,) newton metres of the servos, without what holds the arm against gravity."""
        return self._data.actuator_force[self._joints].copy()

    @property
    def pose(self) -> np.ndarray:
        """(6,) of the tool, as in `constants.py`."""
        return self._twin.pose()

    @property
    def gripper(self) -> float:
        """0 open to 1 closed."""
        closed = self._data.qpos[self._fingers].mean() / constants.FINGER_TRAVEL_METERS
        return float(np.clip(closed, 0, 1))

    def servo_to(self, pose: np.ndarray) -> bool:
        """Has the tool follow to `pose`, (6,) as in `constants.py`; returns whether it gets there.

        Its place only: the tool turns to how the task holds it, and how far from that it was asked
        to be is in `truth`.
        """
        if self._is_servo and np.array_equal(pose, self._asked):
            return True
        try:
            self._target = self._twin.angles_near(np.asarray(pose[:3], np.float64), self._target)
        except RobotError:
            return False
        self._asked = np.array(pose, np.float64)
        self._is_servo = True
        return True

    def grip(self, closed: float) -> None:
        """Moves the fingers to 0 (open) ... 1 (closed)."""
        opened, shut = constants.GRIPPER_COMMAND_METERS
        self._data.ctrl[self._fingers] = opened + closed * (shut - opened)

    def stop(self) -> None:
        """Brakes and stays. Harmless when it already stands."""
        if self._is_servo:
            self._is_servo, self._stopped_since = False, time.monotonic()
            self._target = np.clip(self._angles + self._speeds / _SERVO_RADIANS_PER_SECOND,
                                   self._low, self._high)

    def step(self, now: float) -> None:
        """Moves the twin up to the time `now`."""
        step = self._model.opt.timestep
        steps = min(int((now - self._moved) / step), _MOST_STEPS)
        for _ in range(steps):
            self._follow(step)
            mujoco.mj_step(self._model, self._data)
        self._simulated += steps * step
        self._moved = now if steps == _MOST_STEPS else self._moved + steps * step
        if steps:
            self._note()

    def truth(self) -> Dict[str, Any]:
        """Returns where everything is, whether it is servoed, and the extremes so far."""
        speed = float(np.abs(self.speeds).max())
        return {
            'time': time.monotonic(),
            'servo': self._is_servo,
            'stopped_since': self._stopped_since,
            'stands': not self._is_servo and speed < _REST_RADIANS_PER_SECOND,
            'joint_angles': self.angles.tolist(),
            'pose': self.pose.tolist(),
            'gripper_position': self.gripper,
            'asked_turn': rotations.angle_between(self._asked[3:], self._rotation),
            'objects': self._twin.objects().tolist(),
            'simulated': self._simulated,
            'extremes': self._extremes,
        }

    def close(self) -> None:
        """Frees the twin."""
        self._twin.close()

    def _follow(self, seconds: float) -> None:
        rate = _SERVO_RADIANS_PER_SECOND
        away = self._target - self._angles
        self._speeds += seconds * (rate * rate * away - 2 * rate * self._speeds)
        np.clip(self._speeds, -_FASTEST_RADIANS_PER_SECOND, _FASTEST_RADIANS_PER_SECOND,
                out=self._speeds)
        self._angles += seconds * self._speeds
        self._data.ctrl[self._joints] = self._angles + self._speeds * self._lead_seconds

    def _note(self) -> None:
        extremes, position = self._extremes, self.pose[:3]
        extremes['speed'] = max(extremes['speed'], float(np.abs(self.speeds).max()))
        extremes['torque'] = max(extremes['torque'], float(np.abs(self.torques).max()))
        extremes['low'] = np.minimum(extremes['low'], position).tolist()
        extremes['high'] = np.maximum(extremes['high'], position).tolist()
