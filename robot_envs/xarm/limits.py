"""What the xArm7 may do."""

from __future__ import annotations

import dataclasses
from typing import Tuple

import gin

from robot_envs.arms.limits import ArmLimits, target_box
from robot_envs.xarm import constants

_LOW, _HIGH = target_box(constants.WORKSPACE)


@gin.configurable
@dataclasses.dataclass(frozen=True)
class XArmLimits(ArmLimits):
    """`ArmLimits` of the xArm7; its own table and walls may be nearer.

    The joints' range is the vendor's, a degree or so less.
    """

    target_low_meters: Tuple[float, ...] = _LOW
    target_high_meters: Tuple[float, ...] = _HIGH
    beyond_meters: float = 0.03
    joint_low_radians: Tuple[float, ...] = (-3.1, -2.04, -3.1, -0.17, -3.1, -1.67, -3.1)
    joint_high_radians: Tuple[float, ...] = (3.1, 2.07, 3.1, 3.9, 3.1, 3.1, 3.1)
    joint_velocity_radians_per_second: float = 3.0
    joint_torque_newton_meters: Tuple[float, ...] = tuple(
        constants.TORQUE_LIMIT_NEWTON_METERS.tolist())
    lead_meters: float = 0.1
    step_meters: float = 0.6
    speed_meters_per_second: float = 0.4
    turn_radians_per_second: float = 1.0
    shortest_seconds: float = 0.1
    longest_seconds: float = 5.0
    stale_seconds: float = 0.15
    silent_seconds: float = 1.5
    recovery_tries: int = 3
