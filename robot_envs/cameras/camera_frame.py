"""What a camera gives."""

from __future__ import annotations

from typing import NamedTuple, Optional

import numpy as np


class CameraFrame(NamedTuple):
    """A picture and when it was taken.

    Attributes:
        image: uint8 (height, width, 3), red, green, blue.
        depth: float32 (height, width, 1) in metres, 0 where it is not known; None without one.
        number: of the picture, as the camera counts; another one means a new picture.
        time: when it was taken, in seconds of this machine's `time.monotonic()`.
    """

    image: np.ndarray
    depth: Optional[np.ndarray]
    number: int
    time: float
