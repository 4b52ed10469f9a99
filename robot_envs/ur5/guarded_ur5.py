"""The guardian's end of the UR5."""

from __future__ import annotations

from typing import Any, Dict

from robot_envs.arms.guarded_arm import GuardedArm
from robot_envs.ur5 import constants
from robot_envs.ur5.connection import UR5Connection
from robot_envs.ur5.limits import UR5Limits


def make_guarded(*, connection: Dict[str, Any], limits: Dict[str, Any]) -> GuardedArm:
    """Returns the robot for the guardian's process, from what its client sent."""
    settings = UR5Connection(**connection)
    return GuardedArm(
        'ur5', UR5Limits(**limits), rotation_vector=tuple(constants.TOOL_ROTATION_RADIANS),
        driver_module='robot_envs.ur5.driver', driver=connection,
        period_seconds=settings.period_seconds, connect_seconds=settings.connect_seconds,
        quiet=settings.quiet)
