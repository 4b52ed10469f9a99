"""Makes pictures smaller or larger without losing light."""

from __future__ import annotations

import numpy as np


def area_weights(old: int, new: int) -> np.ndarray:
    """Returns float32 (new, old): each old pixel's share in each new one, rows summing to 1."""
    edges = np.linspace(0, old, new + 1)
    low = np.maximum(edges[:-1, None], np.arange(old)[None, :])
    high = np.minimum(edges[1:, None], np.arange(old)[None, :] + 1)
    return (np.clip(high - low, 0, None) * new / old).astype(np.float32)


def area_mean(picture: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Returns the picture as uint8 (new height, new width, C), each pixel the mean of its area.

    Args:
        picture: uint8 (height, width, C).
        rows: `area_weights` of the heights, (new height, height).
        columns: `area_weights` of the widths, (new width, width).
    """
    height, width, channels = picture.shape
    pixels = rows @ picture.astype(np.float32).reshape(height, width * channels)
    pixels = columns @ pixels.reshape(len(rows), width, channels)
    return np.clip(pixels + 0.5, 0, 255).astype(np.uint8)
