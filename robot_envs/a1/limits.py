"""What the A1 may do, as data."""

from __future__ import annotations

import dataclasses
from typing import Tuple

import gin
import numpy as np

from robot_envs.a1 import constants
from robot_envs.errors import RobotError


@gin.configurable
@dataclasses.dataclass(frozen=True)
class A1Limits:
    """What the guardian lets through, and where it ends a movement.

    Targets are clipped (inner limits); measurements beyond the outer ones are faults.

    Attributes:
        target_low_radians: of hip, thigh and calf targets.
        target_high_radians: of hip, thigh and calf targets.
        beyond_radians: a measured angle may be outside the targets' range by this.
        step_radians: a target may be this far from the one before.
        shortest_seconds: a command takes at least this; shorter ones are refused.
        longest_seconds: a command takes at most this.
        velocity_radians_per_second: of a joint.
        torque_newton_meters: of a joint, as its motor estimates it.
        temperature_celsius: of a motor.
        stale_seconds: sensors may be this old.
    """

    target_low_radians: Tuple[float, ...] = tuple(constants.JOINT_LOW_RADIANS[:3])
    target_high_radians: Tuple[float, ...] = tuple(constants.JOINT_HIGH_RADIANS[:3])
    beyond_radians: float = 0.2
    step_radians: float = 1.2
    shortest_seconds: float = 0.02
    longest_seconds: float = 0.5
    velocity_radians_per_second: float = 28.0
    torque_newton_meters: float = constants.TORQUE_LIMIT_NEWTON_METERS
    temperature_celsius: float = 70.0
    stale_seconds: float = 0.04

    def __post_init__(self):
        low, high = np.array(self.target_low_radians), np.array(self.target_high_radians)
        if low.shape != (3,) or high.shape != (3,) or not np.all(low < high):
            raise RobotError('A1Limits: target_low_radians must be below target_high_radians, '
                             'three numbers each (hip, thigh, calf)')
        if (np.any(low < constants.JOINT_LOW_RADIANS[:3])
                or np.any(high > constants.JOINT_HIGH_RADIANS[:3])):
            raise RobotError("A1Limits: targets must be inside the joints' range, "
                             f'{constants.JOINT_LOW_RADIANS[:3].tolist()} to '
                             f'{constants.JOINT_HIGH_RADIANS[:3].tolist()} rad')
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if not isinstance(value, (tuple, list)) and not 0 < value < np.inf:
                raise RobotError(f'A1Limits.{field.name} must be positive, not {value}')
        if self.shortest_seconds >= self.longest_seconds:
            raise RobotError('A1Limits.shortest_seconds must be below longest_seconds')
