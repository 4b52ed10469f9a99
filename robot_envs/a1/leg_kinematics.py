"""Where the A1's feet are."""

from __future__ import annotations

from typing import Tuple

import numpy as np

_HIPS_METERS = np.array([[.183, -.047, 0], [.183, .047, 0], [-.183, -.047, 0], [-.183, .047, 0]])
_SIDES_METERS = np.array([-.08505, .08505, -.08505, .08505])
_LINK_METERS = 0.2


def feet(angles: np.ndarray, rates: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
    """Returns positions (4, 3) in metres and velocities (4, 3) in metres a second of the feet.

    Both in the trunk's axes, relative to the trunk.

    Args:
        angles: of the joints, (12,) in radians.
        rates: of the joints, (12,) in radians a second.
    """
    hip, thigh, calf = np.reshape(angles, (4, 3)).T
    hip_rate, thigh_rate, calf_rate = np.reshape(rates, (4, 3)).T
    shin, shin_rate = thigh + calf, thigh_rate + calf_rate
    # In the plane of the leg: x forward, y to the side, z up before the hip turns it.
    x = -_LINK_METERS * (np.sin(thigh) + np.sin(shin))
    z = -_LINK_METERS * (np.cos(thigh) + np.cos(shin))
    x_rate = -_LINK_METERS * (np.cos(thigh) * thigh_rate + np.cos(shin) * shin_rate)
    z_rate = _LINK_METERS * (np.sin(thigh) * thigh_rate + np.sin(shin) * shin_rate)
    y, sin, cos = _SIDES_METERS, np.sin(hip), np.cos(hip)
    positions = _HIPS_METERS + np.stack([x, y * cos - z * sin, y * sin + z * cos], 1)
    velocities = np.stack([
        x_rate,
        -(y * sin + z * cos) * hip_rate - z_rate * sin,
        (y * cos - z * sin) * hip_rate + z_rate * cos,
    ], 1)
    return positions, velocities
