"""The one augmentation of DrQ."""

from __future__ import annotations

import tensorflow as tf


def random_shift(pictures: tf.Tensor, pixels: int, seed: tf.Tensor) -> tf.Tensor:
    """Moves each picture by a draw of its own; edge pixels are repeated (arXiv 2107.09645, 3.1).

    Args:
      pictures: (B, height, width, C).
      pixels: largest shift in each direction.
      seed: (2,) int32.

    Returns:
      As `pictures`.
    """
    shifts = tf.random.stateless_uniform(
        [tf.shape(pictures)[0], 2], seed, -pixels, pixels + 1, tf.int32
    )
    return shift(pictures, shifts)


def shift(pictures: tf.Tensor, shifts: tf.Tensor) -> tf.Tensor:
    """Moves pictures up and to the left.

    Args:
      pictures: (B, height, width, C).
      shifts: (B, 2) int32, pixels up and to the left.

    Returns:
      As `pictures`.
    """
    height, width = pictures.shape[1:3]
    rows = tf.clip_by_value(tf.range(height) + shifts[:, :1], 0, height - 1)  # (B, height)
    columns = tf.clip_by_value(tf.range(width) + shifts[:, 1:], 0, width - 1)
    pictures = tf.gather(pictures, rows, axis=1, batch_dims=1)
    return tf.gather(
        pictures, tf.repeat(columns[:, None], height, 1), axis=2, batch_dims=2
    )
