"""Where the reacher's hand is."""

from __future__ import annotations

import numpy as np

from examples.my_robot import constants


def elbow_and_hand(angles: np.ndarray) -> np.ndarray:
    """Returns the elbow's and the hand's places, (2, 2) in metres from the shoulder.

    Args:
        angles: (2,) in radians; the elbow's is measured from the upper arm.
    """
    headings = np.cumsum(angles)
    lengths = np.array(constants.LINKS_METERS)
    return np.cumsum(lengths[:, None] * np.stack([np.cos(headings), np.sin(headings)], 1), 0)
