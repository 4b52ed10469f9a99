"""The A1's reward: turn over, stand up, walk forward."""

from __future__ import annotations

from typing import Dict

import numpy as np

from robot_envs.a1 import constants
from robot_envs.a1.joint_targets import to_action


def reward_terms(
    up_z: float, joint_angles: np.ndarray, forward_speed: float, speed: float
) -> Dict[str, float]:
    """Returns the five terms of the published reward; each opens when the one before passes .7.

    With n the joint angles in units of the action range, s the standing pose in the same units and
    dev = clip(|n - s| / max(1 - s, 1 + s), 0, 1), the mean over the four legs:

        upright = up_z / 2 + 1/2
        hip     = [upright > .7] (1 - dev of the hips)
        thigh   = [hip > .7]     (1 - dev of the thighs)
        calf    = [thigh > .7]   (1 - dev of the calves)
        velocity = 10 (v + 1) / 2,
            v = [calf > .7] max(0, forward_speed) / speed * clip(forward_speed / .3, -1, 1)

    On its back the robot gets 5, standing about 9, walking up to 14 (DayDreamer, Wu et al. 2022,
    section 3.1).

    Args:
        up_z: how much of the trunk's upward axis points up in the world, -1 to 1.
        joint_angles: (12,) in radians.
        forward_speed: along the heading, in metres a second.
        speed: length of the velocity in metres a second; may be 0.
    """
    standing = constants.STANDING_NORMALISED
    deviation = np.abs(to_action(joint_angles) - standing)
    deviation = np.clip(deviation / np.maximum(1 - standing, 1 + standing), 0, 1)
    closeness = 1 - deviation.reshape(constants.NUM_LEGS, 3).mean(0)
    gate = constants.REWARD_GATE
    upright = up_z / 2 + 0.5
    hip = closeness[0] if upright > gate else 0.0
    thigh = closeness[1] if hip > gate else 0.0
    calf = closeness[2] if thigh > gate else 0.0
    velocity = 0.0
    if calf > gate and speed != 0:  # True for NaN too, which must be seen.
        pace = np.clip(forward_speed / constants.REWARD_SPEED_METERS_PER_SECOND, -1, 1)
        velocity = np.maximum(0.0, forward_speed) / speed * pace
    return {
        'upright': float(upright),
        'hip': float(hip),
        'thigh': float(thigh),
        'calf': float(calf),
        'velocity': float(constants.REWARD_VELOCITY_WEIGHT * (velocity + 1) / 2),
    }


def reward(up_z: float, joint_angles: np.ndarray, forward_speed: float, speed: float) -> float:
    """Returns the sum of `reward_terms`, 0 to 14."""
    return sum(reward_terms(up_z, joint_angles, forward_speed, speed).values())
