"""From a target of the task to what the joint controllers get, on the twin and on the robot."""

from __future__ import annotations

import numpy as np

from robot_envs.a1 import constants


def safe_target(
    start: np.ndarray, end: np.ndarray, fraction: float, measured: np.ndarray
) -> np.ndarray:
    """Returns the target for one substep, (12,) in radians.

    On the straight line from the last command to this one, then inside the joint limits, then
    within reach of the measured angle, so that a joint that is held back never winds up force.

    Args:
        start: last command, (12,) in radians.
        end: this command, (12,) in radians.
        fraction: how much of the command's time will have passed, 0 to 1.
        measured: joint angles, (12,) in radians.
    """
    target = start + fraction * (end - start)
    target = np.minimum(np.maximum(target, constants.JOINT_LOW_RADIANS),
                        constants.JOINT_HIGH_RADIANS)
    reach = constants.TARGET_REACH_RADIANS
    return np.minimum(np.maximum(target, measured - reach), measured + reach)


def to_radians(action: np.ndarray) -> np.ndarray:
    """Returns joint angles (12,) in radians of an action (12,), where [-1, 1] is the range."""
    low, high = constants.ACTION_LOW_RADIANS, constants.ACTION_HIGH_RADIANS
    return low + (np.asarray(action, np.float64) + 1) / 2 * (high - low)


def to_action(angles: np.ndarray) -> np.ndarray:
    """Returns the action (12,) of joint angles (12,) in radians; outside [-1, 1] if they are."""
    low, high = constants.ACTION_LOW_RADIANS, constants.ACTION_HIGH_RADIANS
    return (np.asarray(angles, np.float64) - low) / (high - low) * 2 - 1
