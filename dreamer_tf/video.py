"""Pictures that move: frames to GIF bytes, and frames that compare truth with prediction."""
from __future__ import annotations

import io
import os
from typing import Sequence

import numpy as np
from PIL import Image


def encode_gif(frames: Sequence[np.ndarray], fps: float) -> bytes:
    """Returns an animated GIF that repeats for ever.

    Args:
      frames: N pictures, uint8 (height, width, 3), all of one size.
      fps: frames a second; browsers show at most 50.

    Raises:
      ValueError: there is no frame, or a frame has another shape or dtype.
    """
    if not len(frames):
        raise ValueError('a video needs at least one frame')
    shape = np.shape(frames[0])
    for frame in frames:
        if frame.dtype != np.uint8 or frame.shape != shape or len(shape) != 3 or shape[2] != 3:
            raise ValueError('frames must be uint8 (height, width, 3) of one size, not {} {}'
                             .format(frame.dtype, frame.shape))
    pictures = [Image.fromarray(frame) for frame in frames]
    # One palette for all frames: half the size, and colours do not flicker.
    sample = np.concatenate([frames[0], frames[len(frames) // 2], frames[-1]], axis=0)
    palette = Image.fromarray(sample).quantize(255)
    pictures = [picture.quantize(palette=palette, dither=Image.Dither.NONE)
                for picture in pictures]
    buffer = io.BytesIO()
    pictures[0].save(buffer, format='GIF', save_all=True, append_images=pictures[1:], loop=0,
                     duration=max(20, round(1000 / fps)), disposal=1)
    return buffer.getvalue()


def save(data: bytes, path: os.PathLike) -> None:
    """Writes bytes to `path` in one step, making the folder.

    Raises:
      OSError: the file cannot be written.
    """
    os.makedirs(os.path.dirname(path), exist_ok=True)
    beside = '{}.tmp'.format(path)
    with open(beside, 'wb') as file:
        file.write(data)
    os.replace(beside, path)


def comparison_frames(truth: np.ndarray, prediction: np.ndarray, context_steps: int,
                      scale: int = 2, border: int = 2) -> np.ndarray:
    """Returns frames with one row a sequence: truth | prediction | difference.

    The border is green while the model looks at the truth and orange when it predicts alone.
    The difference is grey where there is none.

    Args:
      truth: float32 (B, T, height, width, C) in [0, 1]; C is 1 or 3.
      prediction: the same.
      context_steps: steps with observation.
      scale: enlargement, whole pixels.
      border: width of the border in pixels of the result.

    Returns:
      uint8 (T, B x (scale height + 2 border), 3 scale width + 2 border, 3).
    """
    if truth.shape != prediction.shape or truth.ndim != 5:
        raise ValueError('truth and prediction must be (B, T, height, width, C), not {} and {}'
                         .format(truth.shape, prediction.shape))
    difference = (prediction - truth + 1) / 2
    strip = np.concatenate([truth, prediction, difference], axis=3)
    if strip.shape[-1] == 1:
        strip = np.repeat(strip, 3, axis=-1)
    strip = (np.clip(strip, 0, 1) * 255 + 0.5).astype(np.uint8)
    strip = strip.repeat(scale, axis=2).repeat(scale, axis=3)
    batch, time, height, width, _ = strip.shape
    framed = np.empty((batch, time, height + 2 * border, width + 2 * border, 3), np.uint8)
    framed[:, :context_steps] = (70, 170, 90)
    framed[:, context_steps:] = (230, 140, 40)
    framed[:, :, border:border + height, border:border + width] = strip
    return framed.transpose(1, 0, 2, 3, 4).reshape(time, -1, framed.shape[3], 3)
