"""How fast the A1's trunk moves, from what its sensors tell."""

from __future__ import annotations

import collections
from typing import Deque, Tuple

import numpy as np

from robot_envs.a1.leg_kinematics import feet

_GRAVITY = np.array([0.0, 0.0, 9.81])
CONTACT_FORCE = 20
_LEGS_SECONDS = 0.05
_FORGET_SECONDS = 0.5


class VelocityEstimate:
    """A complementary filter: accelerometer for what is quick, standing feet for the truth.

    A foot that is loaded (force above 20, as in the published system) does not slip, so the trunk
    moves by the negative of its movement; their mean corrects the integrated acceleration with a
    time constant of .05 s. Without a loaded foot, as on its back, the estimate fades within .5 s.
    The result is the mean over a window, in the published system 120 samples of 1 ms.
    """

    def __init__(self, *, window_seconds: float = 0.12):
        """Starts at rest."""
        self._window_seconds = window_seconds
        self._velocity = np.zeros(3)
        self._window: Deque[Tuple[float, np.ndarray]] = collections.deque()
        self._way = np.zeros(3)  # Sums over the window.
        self._seconds = 0.0

    def update(
        self,
        seconds: float,
        rotation: np.ndarray,
        gyro: np.ndarray,
        accelerometer: np.ndarray,
        angles: np.ndarray,
        rates: np.ndarray,
        foot_force: np.ndarray,
    ) -> np.ndarray:
        """Returns the velocity, (3,) in metres a second in the world, after one more sample.

        Args:
            seconds: since the sample before.
            rotation: from the trunk's axes to the world's, (3, 3).
            gyro: (3,) in radians a second about the trunk's axes.
            accelerometer: (3,) in metres a second squared along the trunk's axes, at rest +9.81 up.
            angles: of the joints, (12,) in radians.
            rates: of the joints, (12,) in radians a second.
            foot_force: (4,) in the sensor's units, about newton.
        """
        self._velocity = self._velocity + seconds * (rotation @ accelerometer - _GRAVITY)
        loaded = np.asarray(foot_force) > CONTACT_FORCE
        target, time_constant = np.zeros(3), _FORGET_SECONDS
        if loaded.any():
            positions, velocities = feet(angles, rates)
            moved = velocities[loaded] + np.cross(gyro, positions[loaded])
            target, time_constant = -rotation @ moved.mean(0), _LEGS_SECONDS
        share = 1 - np.exp(-seconds / time_constant)
        self._velocity = self._velocity + share * (target - self._velocity)
        return self._mean(seconds)

    def _mean(self, seconds: float) -> np.ndarray:
        self._window.append((seconds, self._velocity * seconds))
        self._way = self._way + self._velocity * seconds
        self._seconds += seconds
        while self._seconds > self._window_seconds and len(self._window) > 1:
            oldest, way = self._window.popleft()
            self._seconds -= oldest
            self._way = self._way - way
        return self._way / max(self._seconds, 1e-9)
