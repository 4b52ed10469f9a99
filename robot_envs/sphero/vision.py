"""Where the Sphero is in a picture, by its colour."""

from __future__ import annotations

import dataclasses
from typing import Optional, Tuple

import gin
import numpy as np

from robot_envs.errors import RobotError


@gin.configurable
@dataclasses.dataclass(frozen=True)
class SpheroVision:
    """What tells the white robot from the brown floor, and where the arena is in the picture.

    Brown has little blue at any brightness, so the share of blue is what counts.

    Attributes:
        arena: left, top, right and bottom of the arena's floor, in shares of the cropped picture.
        blue_to_red: a pixel of the robot has at least this much blue, 1 being as much as red.
        least_brightness: its red is at least this, of 255.
        least_share: of all pixels that must be the robot's; fewer are no robot.
        most_share: more are no robot either, but a hand or a lamp.
    """

    arena: Tuple[float, ...] = (0.03125, 1 / 18, 0.96875, 17 / 18)
    blue_to_red: float = 0.75
    least_brightness: float = 60.0
    least_share: float = 0.002
    most_share: float = 0.04

    def __post_init__(self):
        if len(self.arena) != 4 or not (0 <= self.arena[0] < self.arena[2] <= 1
                                        and 0 <= self.arena[1] < self.arena[3] <= 1):
            raise RobotError('SpheroVision.arena must be left, top, right, bottom of 0 to 1, not '
                             f'{self.arena}')
        if not 0 < self.least_share < self.most_share < 1:
            raise RobotError('SpheroVision: 0 < least_share < most_share < 1')
        if not 0 < self.blue_to_red < 1 or not 0 < self.least_brightness < 255:
            raise RobotError('SpheroVision: blue_to_red must be in 0 to 1, least_brightness in 0 '
                             'to 255')


def find_robot(image: np.ndarray, vision: SpheroVision) -> Optional[np.ndarray]:
    """Returns the robot's middle, float64 (2,) in arena units, or None where there is none.

    Args:
        image: uint8 (height, width, 3), cropped.
        vision: how to tell.
    """
    pixels = image.astype(np.float32)
    red, blue = pixels[..., 0], pixels[..., 2]
    is_robot = (red >= vision.least_brightness) & (blue >= vision.blue_to_red * red)
    share = is_robot.mean()
    if not vision.least_share <= share <= vision.most_share:
        return None
    height, width = is_robot.shape
    rows, columns = np.nonzero(is_robot)
    x, y = (columns.mean() + 0.5) / width, (rows.mean() + 0.5) / height
    left, top, right, bottom = vision.arena
    return np.array([(x - left) / (right - left), (y - top) / (bottom - top)])
