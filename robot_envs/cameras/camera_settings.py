"""Which camera, and what is taken from its pictures."""

from __future__ import annotations

import dataclasses
from typing import Tuple, Union

import gin
import numpy as np

from robot_envs.errors import RobotError

KINDS = ('opencv', 'realsense', 'remote')
REMOTE_PORT = 7450


@gin.configurable
@dataclasses.dataclass(frozen=True)
class CameraSettings:
    """How a camera is reached, when it counts as broken, and the part of its picture that is used.

    Attributes:
        kind: 'opencv' (extra `.[camera]`), 'realsense' (extra `.[realsense]`) or 'remote'.
        source: of opencv, the number of a device, a file or an URL; of realsense, the serial
            number, '' for any.
        address: of a remote camera (`python -m robot_envs.cameras`).
        port: of a remote camera.
        width: asked of a local camera, in pixels; 0 is its own.
        height: asked of a local camera, in pixels; 0 is its own.
        rate_hz: asked of a local camera, pictures a second; 0 is its own.
        depth: whether a realsense gives depth too.
        crop: left, top, right and bottom of the part that is used, in shares of the picture.
        size: height and width of the picture that comes out, in pixels.
        connect_seconds: how long the first picture may take.
        stale_seconds: a picture may be this old.
        frozen_seconds: a picture may be the same, to the last bit, for so long; 0 is for ever.
            Every real camera has noise.
    """

    kind: str = 'opencv'
    source: Union[int, str] = 0
    address: str = '127.0.0.1'
    port: int = REMOTE_PORT
    width: int = 0
    height: int = 0
    rate_hz: int = 0
    depth: bool = False
    crop: Tuple[float, ...] = (0.0, 0.0, 1.0, 1.0)
    size: Tuple[int, ...] = (64, 64)
    connect_seconds: float = 10.0
    stale_seconds: float = 0.3
    frozen_seconds: float = 0.5

    def __post_init__(self):
        if self.kind not in KINDS:
            raise RobotError(f"CameraSettings.kind must be one of {', '.join(KINDS)}, not "
                             f"'{self.kind}'")
        if len(self.crop) != 4 or not (0 <= self.crop[0] < self.crop[2] <= 1
                                       and 0 <= self.crop[1] < self.crop[3] <= 1):
            raise RobotError('CameraSettings.crop must be left, top, right, bottom of 0 to 1, left '
                             f'below right and top below bottom, not {self.crop}')
        if len(self.size) != 2 or not all(1 <= length <= 4096 for length in self.size):
            raise RobotError(f'CameraSettings.size must be height and width, not {self.size}')
        for name in ('connect_seconds', 'stale_seconds'):
            if not 0 < getattr(self, name) < np.inf:
                raise RobotError(f'CameraSettings.{name} must be positive, not '
                                 f'{getattr(self, name)}')
        for name in ('frozen_seconds', 'width', 'height', 'rate_hz'):
            if not 0 <= getattr(self, name) < np.inf:
                raise RobotError(f'CameraSettings.{name} must be at least 0, not '
                                 f'{getattr(self, name)}')
