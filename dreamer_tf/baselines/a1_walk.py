"""The A1's scripted movements in a row."""

from __future__ import annotations

from typing import Any, Dict

import numpy as np

from robot_envs.a1 import constants, scripted

UPRIGHT = 0.7  # up_z, the cosine of the tilt, from which the trot goes on


class A1Walk:
    """Rolls over whenever the robot is down, and trots when it is up."""

    def __init__(self):
        """Begins with what the first info asks for."""
        self._roll_over = scripted.roll_over()
        self._rolled = len(self._roll_over)  # steps of the movement that are made
        self._trotted = 0

    def action(self, info: Dict[str, Any]) -> np.ndarray:
        """Returns the next action, float32 (12,).

        Args:
          info: of `A1Environment.get_info()`: 'up_z'.
        """
        if self._rolled == len(self._roll_over) and info.get("up_z", 1.0) < UPRIGHT:
            self._rolled, self._trotted = 0, 0
        if self._rolled < len(self._roll_over):
            self._rolled += 1
            return self._roll_over[self._rolled - 1]
        self._trotted += 1
        return scripted.trot((self._trotted - 1) / constants.RATE_HZ)
