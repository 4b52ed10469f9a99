"""The replay table: sequences of T steps, drawn uniformly, the oldest leaving first."""

from __future__ import annotations

import sys

import reverb
import tensorflow as tf

from dreamer_tf.errors import UserError

REPLAY_TABLE = "replay"


def items_after(steps: int, sequence_length: int, stride: int = 1) -> int:
    """Number of sequences of T steps, one every `stride` steps, in a stream of `steps` steps."""
    return 0 if steps < sequence_length else (steps - sequence_length) // stride + 1


def samples_per_insert(replay_ratio: float, sequence_length: int, stride: int = 1) -> float:
    """Reverb's ratio of items for a ratio of steps: R s / T.

    Args:
      replay_ratio: R, replayed steps per environment step.
      sequence_length: T, steps of an item.
      stride: s, environment steps per item.
    """
    return replay_ratio * stride / sequence_length


def make_replay_table(
    signature: dict[str, tf.TensorSpec],
    *,
    capacity_steps: int,
    sequence_length: int,
    stride: int = 1,
    min_items: int,
    replay_ratio: float | None = None,
    name: str = REPLAY_TABLE,
) -> reverb.Table:
    """A typed table of overlapping sequences of one endless stream.

    The limiter holds back sampling only, never inserting: a slow learner must not stop a robot.
    It allows floor(inserts * R s / T) samples in all, the ones that prefilling earned included
    (`ReplayRatio` does the same accounting).

    Args:
      signature: the spec of ONE step (`replay_step_spec`).
      capacity_steps: environment steps kept in memory; older ones are dropped.
      sequence_length: T, steps of an item.
      stride: s, environment steps per item.
      min_items: sampling waits until the table holds so many items: the batch size, or
        `items_after(prefill_steps, T, s)` when that is more.
      replay_ratio: R, replayed steps per environment step; None lets the learner run freely.

    Returns:
      A new, empty `reverb.Table`. Its items are dicts of (T, ...).

    Raises:
      UserError: a number makes no sense, or capacity holds fewer items than sampling waits for.
    """
    if sequence_length < 1 or stride < 1 or min_items < 1:
        raise UserError(
            "sequence_length, stride and min_items of the replay must be at least 1, got "
            f"{sequence_length}, {stride} and {min_items}"
        )
    if replay_ratio is not None and not replay_ratio > 0:
        raise UserError(f"replay_ratio must be above 0 (or None: free-running), got {replay_ratio}")
    max_items = items_after(capacity_steps, sequence_length, stride)
    if max_items < min_items:
        raise UserError(
            f"a replay of {capacity_steps} steps holds {max_items} sequences of {sequence_length} "
            f"steps, but training waits for {min_items}: raise the capacity or lower the prefill"
        )
    if replay_ratio is None:
        limiter = reverb.rate_limiters.MinSize(min_items)
    else:
        # Not SampleToInsertRatio: that one blocks inserts too.
        limiter = reverb.rate_limiters.RateLimiter(
            samples_per_insert=samples_per_insert(replay_ratio, sequence_length, stride),
            min_size_to_sample=min_items,
            min_diff=0.0,
            max_diff=sys.float_info.max,
        )
    return reverb.Table(
        name=name,
        sampler=reverb.selectors.Uniform(),
        remover=reverb.selectors.Fifo(),
        max_size=max_items,
        rate_limiter=limiter,
        signature={
            key: tf.TensorSpec((sequence_length, *spec.shape), spec.dtype, name=key)
            for key, spec in signature.items()
        },
    )
