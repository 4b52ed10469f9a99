"""The last pictures of one episode, side by side as channels."""

from __future__ import annotations

import tensorflow as tf


def stack_frames(
    pictures: tf.Tensor, is_first: tf.Tensor, index: tf.Tensor, count: int
) -> tf.Tensor:
    """Stacks the picture at an index with those before it.

    What would lie before the episode's (or the sequence's) first picture is that first picture.

    Args:
      pictures: (B, T, height, width, C).
      is_first: (B, T) bool.
      index: (B,) int32, which picture is the newest.
      count: pictures to stack.

    Returns:
      (B, height, width, count * C), the newest last.
    """
    times = tf.range(is_first.shape[1])
    started = is_first & (times <= index[:, None])
    begin = tf.reduce_max(tf.where(started, times, 0), 1)  # (B,) the first of the episode
    wanted = index[:, None] + tf.range(1 - count, 1)
    stacked = tf.gather(pictures, tf.maximum(wanted, begin[:, None]), axis=1, batch_dims=1)
    return tf.concat(tf.unstack(stacked, count, 1), -1)


def push_frame(frames: tf.Tensor, picture: tf.Tensor, is_first: tf.Tensor) -> tf.Tensor:
    """Returns the stack after one more picture, as `stack_frames` would make it.

    Args:
      frames: (B, height, width, count * C) of the step before.
      picture: (B, height, width, C).
      is_first: (B,) bool; True forgets `frames`.
    """
    channels = picture.shape[-1]
    fresh = tf.tile(picture, [1, 1, 1, frames.shape[-1] // channels])
    pushed = tf.concat([frames[..., channels:], picture], -1)
    return tf.where(is_first[:, None, None, None], fresh, pushed)
