"""What the Sphero may do, as data."""

from __future__ import annotations

import dataclasses

import gin
import numpy as np

from robot_envs.errors import RobotError
from robot_envs.sphero import constants


@gin.configurable
@dataclasses.dataclass(frozen=True)
class SpheroLimits:
    """What the guardian lets through, and when it ends a movement.

    Attributes:
        motor_raw: a motor gets at most this, of 255; more is clipped.
        shortest_seconds: a command takes at least this; shorter ones are refused.
        longest_seconds: motors turn at most this long for one command; longer ones are refused.
        rest_seconds: a command with both motors off takes at most this.
        grace_seconds: motors stay on for so long after a command, for the next one to come.
        motion_timeout_seconds: after this the robot switches its motors off by itself.
        link_seconds: it may be silent for this.
    """

    motor_raw: int = constants.RESET_BURST_RAW
    shortest_seconds: float = 0.05
    longest_seconds: float = 1.25
    rest_seconds: float = 10.0
    grace_seconds: float = 0.15
    motion_timeout_seconds: float = 2.0
    link_seconds: float = 1.0

    def __post_init__(self):
        if not 0 < self.motor_raw <= constants.MOTOR_LIMIT_RAW:
            raise RobotError(f'SpheroLimits.motor_raw must be 1 to {constants.MOTOR_LIMIT_RAW}, '
                             f'not {self.motor_raw}')
        for field in dataclasses.fields(self):
            if not 0 < getattr(self, field.name) < np.inf:
                raise RobotError(f'SpheroLimits.{field.name} must be positive, not '
                                 f'{getattr(self, field.name)}')
        if not (self.shortest_seconds < self.longest_seconds <= self.rest_seconds):
            raise RobotError('SpheroLimits: shortest_seconds < longest_seconds <= rest_seconds')
        if not self.longest_seconds + self.grace_seconds < self.motion_timeout_seconds <= 60:
            raise RobotError('SpheroLimits.motion_timeout_seconds must be longer than a command '
                             'with its grace, and at most 60')
