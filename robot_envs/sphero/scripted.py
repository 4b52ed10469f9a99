"""A driver that knows the Sphero's state: what the task allows, as a measure for learned ones."""

from __future__ import annotations

from typing import Any, Dict

import numpy as np

from robot_envs.sphero import constants

_METERS_A_STEP = constants.SPEED_AT_FULL_ACTION_METERS_PER_SECOND / constants.RATE_HZ
# Of the heading, for one unit between the motors.
_RADIANS_A_STEP = _METERS_A_STEP / constants.TRACK_METERS


def drive_to_goal(info: Dict[str, Any]) -> np.ndarray:
    """Returns the action, float32 (2,), that turns to the goal and drives there.

    Args:
        info: of `SpheroEnvironment.get_info()` on a twin: 'position' and 'heading'.
    """
    x = (constants.GOAL_ARENA[0] - info['position'][0]) * constants.ARENA_X_METERS
    y = (info['position'][1] - constants.GOAL_ARENA[1]) * constants.ARENA_Y_METERS
    error = np.arctan2(y, x) - info['heading']
    error = (error + np.pi) % (2 * np.pi) - np.pi
    speed = min(1.0, np.hypot(x, y) / _METERS_A_STEP)
    if abs(error) > np.pi / 2:  # Backwards is as good.
        error -= np.sign(error) * np.pi
        speed = -speed
    speed *= np.cos(error) ** 4  # Turn first where the way is long round.
    turn = error / _RADIANS_A_STEP if np.hypot(x, y) > 0.01 else 0.0
    motors = np.array([speed - turn / 2, speed + turn / 2])
    return (motors / max(1.0, np.abs(motors).max())).astype(np.float32)
