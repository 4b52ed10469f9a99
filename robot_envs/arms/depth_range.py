"""Depth in metres as the policy sees it."""

from __future__ import annotations

import dataclasses

import gin
import numpy as np

from robot_envs.errors import RobotError


@gin.configurable
@dataclasses.dataclass(frozen=True)
class DepthRange:
    """The depths from the camera that are told apart.

    Attributes:
        near_meters: is 0 in the picture, and so is what is nearer.
        far_meters: is 255, and so is what is further away or not known.
    """

    near_meters: float = 0.4
    far_meters: float = 1.0

    def __post_init__(self):
        if not 0 < self.near_meters < self.far_meters < np.inf:
            raise RobotError('DepthRange: near_meters must be positive and below far_meters, not '
                             f'{self.near_meters} and {self.far_meters}')

    def to_uint8(self, meters: np.ndarray) -> np.ndarray:
        """Returns depth as uint8 of the same shape; 0 metres is what is not known."""
        share = (meters - self.near_meters) / (self.far_meters - self.near_meters)
        share = np.where(meters > 0, np.clip(share, 0, 1), 1)
        return (255 * share + 0.5).astype(np.uint8)
