"""The guardian's end of the xArm7."""

from __future__ import annotations

from typing import Any, Dict

from robot_envs.arms.guarded_arm import GuardedArm
from robot_envs.xarm import constants
from robot_envs.xarm.connection import XArmConnection
from robot_envs.xarm.limits import XArmLimits


def make_guarded(*, connection: Dict[str, Any], limits: Dict[str, Any]) -> GuardedArm:
    """Returns the robot for the guardian's process, from what its client sent."""
    settings = XArmConnection(**connection)
    return GuardedArm(
        'xarm', XArmLimits(**limits), rotation_vector=tuple(constants.TOOL_ROTATION_RADIANS),
        driver_module='robot_envs.xarm.driver', driver=connection,
        period_seconds=settings.period_seconds, connect_seconds=settings.connect_seconds,
        quiet=settings.quiet)
