"""The part of a picture that a policy sees, in the size that it takes."""

from __future__ import annotations

import numpy as np

from robot_envs.area_mean import area_mean, area_weights
from robot_envs.cameras.camera_frame import CameraFrame
from robot_envs.cameras.camera_settings import CameraSettings


def crop(frame: CameraFrame, settings: CameraSettings, *, resize: bool = True) -> CameraFrame:
    """Returns `frame` cut to `settings.crop` and, with `resize`, brought to `settings.size`.

    The picture is resized by the mean of areas; depth by its nearest value, since the mean of
    something near and something far is neither.
    """
    height, width = frame.image.shape[:2]
    left, top, right, bottom = settings.crop
    rows = slice(*_pixels(top, bottom, height))
    columns = slice(*_pixels(left, right, width))
    image = frame.image[rows, columns]
    new_height, new_width = settings.size if resize else image.shape[:2]
    depth = frame.depth
    if depth is not None:
        depth = depth[rows, columns]
        depth = depth[_nearest(depth.shape[0], new_height)][:, _nearest(depth.shape[1], new_width)]
        depth = np.ascontiguousarray(depth)
    if image.shape[:2] != (new_height, new_width):
        image = area_mean(image, area_weights(image.shape[0], new_height),
                          area_weights(image.shape[1], new_width))
    return frame._replace(image=np.ascontiguousarray(image), depth=depth)


def _pixels(low: float, high: float, length: int):
    """Returns the first pixel and the one after the last, at least one in all."""
    first = min(round(low * length), length - 1)
    return first, max(first + 1, round(high * length))


def _nearest(old: int, new: int) -> np.ndarray:
    """Returns, for each of `new` pixels, the one of `old` in its middle."""
    return ((np.arange(new) + 0.5) * old / new).astype(int)
