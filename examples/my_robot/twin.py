"""The reacher in NumPy. The backend for the real arm has the same methods."""

from __future__ import annotations

import numpy as np

from examples.my_robot import constants
from examples.my_robot.kinematics import elbow_and_hand
from robot_envs.robot import Reading, Robot

_PICTURE_PX = 192


class ReacherTwin(Robot):
    """Two motors that follow the speed that they are given with a lag. See `constants.py`."""

    def __init__(self, *, seed: int):
        """Puts the arm at random angles."""
        self._angles = np.random.default_rng(seed).uniform(-np.pi, np.pi, 2)
        self._speeds = np.zeros(2)
        self._wanted = np.zeros(2)
        self._time = 0.0

    def connect(self) -> None:
        """Does nothing: a twin is always there."""

    def read(self) -> Reading:
        """Returns copies of 'angles' and 'speeds'."""
        return Reading({"angles": self._angles.copy(), "speeds": self._speeds.copy()}, self._time)

    def command(self, values: np.ndarray, seconds: float) -> None:
        """Moves for `seconds` with the speeds `values` (2,)."""
        self._wanted = np.asarray(values, np.float64)
        step = constants.SUBSTEP_SECONDS
        for _ in range(round(seconds / step)):
            self._speeds += (self._wanted - self._speeds) * step / constants.MOTOR_SECONDS
            self._angles = self._angles + self._speeds * step
            self._time += step

    def stop(self) -> None:
        """Asks for speed 0."""
        self._wanted = np.zeros(2)

    def close(self) -> None:
        """Stops; there is nothing to give back."""
        self.stop()

    def picture(self) -> np.ndarray:
        """Returns the arm on white, uint8 (192, 192, 3)."""
        picture = np.full((_PICTURE_PX, _PICTURE_PX, 3), 255, np.uint8)
        joints = np.concatenate([np.zeros((1, 2)), elbow_and_hand(self._angles)])
        for start, end in zip(joints[:-1], joints[1:]):
            for share in np.linspace(0, 1, 80):
                x, y = start + share * (end - start)
                column = int(_PICTURE_PX * (0.5 + x / 0.5))
                row = int(_PICTURE_PX * (0.5 - y / 0.5))
                picture[row - 2:row + 3, column - 2:column + 3] = (40, 90, 160)
        return picture
