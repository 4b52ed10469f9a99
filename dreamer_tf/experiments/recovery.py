"""Falls of a legged robot, and whether it gets up again."""
from __future__ import annotations

import collections
from typing import Deque, List, Mapping, Optional

FALLEN_BELOW = 0.7  # of the reward's term 'upright': it leans by more than 66 degrees
ON_ITS_FEET = 3.0  # of 4: sum of the four terms of the pose, on the mean of a second
POSE = ('upright', 'hip', 'thigh', 'calf')


class Recovery:
    """Counts falls and get-ups from the terms of the A1's reward (`robot_envs/a1/reward.py`).

    A robot that stood has fallen when 'upright' is below 0.7. It is up again when its pose is worth
    3 of 4, on the mean of one second. Lying down in the beginning is no fall.
    """

    def __init__(self, rate_hz: float):
        """Starts with a robot that lies.

        Args:
          rate_hz: environment steps a second of the robot's time.
        """
        self._rate_hz = rate_hz
        self._poses: Deque[float] = collections.deque(maxlen=max(1, round(rate_hz)))
        self._stands = False
        self._fell_at: Optional[int] = None
        self._steps = 0
        self.falls = 0
        self.first_up_seconds: Optional[float] = None
        self.seconds_down: List[float] = []  # of the falls after which it got up

    def add(self, terms: Mapping[str, float]) -> None:
        """Takes one environment step.

        Args:
          terms: the reward's terms 'upright', 'hip', 'thigh' and 'calf'.
        """
        self._steps += 1
        self._poses.append(sum(terms[name] for name in POSE))
        if self._stands and terms['upright'] < FALLEN_BELOW:
            self._stands, self._fell_at = False, self._steps
            self.falls += 1
            self._poses.clear()
        full = len(self._poses) == self._poses.maxlen
        if not self._stands and full and sum(self._poses) >= ON_ITS_FEET * len(self._poses):
            self._stands = True
            if self._fell_at is None:
                self.first_up_seconds = self._steps / self._rate_hz
            else:
                self.seconds_down.append((self._steps - self._fell_at) / self._rate_hz)
