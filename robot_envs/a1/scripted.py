"""Movements found by random search on the twin: a measure for learned ones.

They look at nothing. Use them on a twin only.
"""

from __future__ import annotations

import numpy as np

from robot_envs.a1 import constants

_TROT_HZ = 1.7
_TROT_THIGH_MIDDLE = -0.46
_TROT_THIGH_SWING = 0.31
_TROT_CALF_MIDDLE = 1.0
_TROT_CALF_LIFT = 1.17
_TROT_LIFT_PHASE_RADIANS = -0.73
# Tuck the legs, roll over in three poses, stand: (action, control steps).
_TUCKED = (0.0, -0.2, -1.0) * constants.NUM_LEGS
_ROLL_OVER = (
    (_TUCKED, 15),
    ((-1.0, 0.83, -0.4, 0.45, 0.68, -0.03, -0.6, -0.44, -0.47, -0.9, 1.0, 0.47), 12),
    ((-0.26, 1.0, 1.0, 0.39, 0.12, -0.2, 0.46, 0.87, 1.0, -1.0, 0.45, -0.87), 15),
    ((0.64, -0.4, -0.4, 0.87, -0.42, -0.68, -0.69, -0.88, -1.0, -0.46, 0.25, 0.64), 10),
    (tuple(constants.STANDING_NORMALISED), 40),
)


def roll_over() -> np.ndarray:
    """Returns actions, float32 (92, 12), that bring the robot from its back to its feet."""
    return np.concatenate([
        np.tile(np.array(pose, np.float32), (steps, 1)) for pose, steps in _ROLL_OVER])


def trot(seconds: float) -> np.ndarray:
    """Returns the action, float32 (12,), of an open-loop trot, `seconds` after it began.

    Diagonal legs move together; the robot has to stand before the first one.
    """
    action = np.zeros((constants.NUM_LEGS, 3))
    for leg in range(constants.NUM_LEGS):
        phase = 2 * np.pi * _TROT_HZ * seconds + (0 if leg in (0, 3) else np.pi)
        action[leg, 1] = _TROT_THIGH_MIDDLE + _TROT_THIGH_SWING * np.sin(phase)
        lift = max(0.0, np.sin(phase + _TROT_LIFT_PHASE_RADIANS))
        action[leg, 2] = _TROT_CALF_MIDDLE - _TROT_CALF_LIFT * lift
    return np.clip(action.reshape(-1), -1, 1).astype(np.float32)
