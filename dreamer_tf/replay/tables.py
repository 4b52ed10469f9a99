"""The replay table: sequences of T steps, the oldest leaving first."""

from __future__ import annotations

import sys

import reverb
import tensorflow as tf

from dreamer_tf.errors import UserError
from dreamer_tf.replay.kind import ReplayKind

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
    kind: ReplayKind = ReplayKind.UNIFORM,
    priority_exponent: float = 1.0,
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
      name: of the table.
      kind: what is drawn. Of `ReplayKind.ON_POLICY` every item is drawn once and then leaves,
        whatever the ratio, and `min_items` must be 1: those that have left do not count.
      priority_exponent: alpha of `ReplayKind.PRIORITISED`, 0 or more.

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
    if kind is ReplayKind.ON_POLICY:
        limiter = _limiter(1.0, min_items)
    elif replay_ratio is None:
        limiter = reverb.rate_limiters.MinSize(min_items)
    else:
        limiter = _limiter(samples_per_insert(replay_ratio, sequence_length, stride), min_items)
    return reverb.Table(
        name=name,
        sampler=_sampler(kind, priority_exponent),
        remover=reverb.selectors.Fifo(),
        max_size=max_items,
        max_times_sampled=1 if kind is ReplayKind.ON_POLICY else 0,
        rate_limiter=limiter,
        signature={
            key: tf.TensorSpec((sequence_length, *spec.shape), spec.dtype, name=key)
            for key, spec in signature.items()
        },
    )


def _limiter(samples_an_insert: float, min_items: int) -> reverb.rate_limiters.RateLimiter:
    # Not SampleToInsertRatio: that one blocks inserts too.
    return reverb.rate_limiters.RateLimiter(
        samples_per_insert=samples_an_insert,
        min_size_to_sample=min_items,
        min_diff=0.0,
        max_diff=sys.float_info.max,
    )


def _sampler(kind: ReplayKind, priority_exponent: float):
    if kind is ReplayKind.ON_POLICY:
        return reverb.selectors.Fifo()
    if kind is ReplayKind.UNIFORM:
        return reverb.selectors.Uniform()
    if not priority_exponent >= 0:
        raise UserError(f"priority_exponent must be 0 or more, got {priority_exponent}")
    return reverb.selectors.Prioritized(priority_exponent)
