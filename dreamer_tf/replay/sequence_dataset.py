"""Batches of sequences from the replay server as a `tf.data.Dataset`."""

from __future__ import annotations

from collections.abc import Collection

import reverb
import tensorflow as tf

from dreamer_tf.errors import UserError
from dreamer_tf.replay.connection import connect, table_info
from dreamer_tf.replay.priorities import ITEM_KEYS
from dreamer_tf.replay.tables import REPLAY_TABLE


def make_sequence_dataset(
    address: str,
    *,
    batch_size: int,
    prefetch: int = 2,
    table: str = REPLAY_TABLE,
    timeout: float = 10.0,
    leave_out: Collection[str] = (),
    with_items: bool = False,
) -> tf.data.Dataset:
    """An endless dataset of batches, dicts of (B, T, ...) with static shapes.

    A server in the same process is read directly, without network. Next element: waits as long as
    the table's limiter holds samples back.

    Args:
      address: `host:port` of the replay server.
      batch_size: B.
      prefetch: batches made ahead (0: none).
      table: name of the table; its signature gives keys, dtypes, T and shapes.
      timeout: seconds to wait for the server's answer at the start.
      leave_out: keys of the table that a batch does not hold.
      with_items: True adds what `dreamer_tf/replay/priorities.py` says of an item, (B,) each.

    Raises:
      UserError: no server answers, or it has no such table.
    """
    if batch_size < 1:
        raise UserError(f"batch_size must be at least 1, got {batch_size}")
    signature = table_info(connect(address, timeout), table, timeout).signature
    # More in flight (1 to 4 B) or a second worker changed the rate by less than a third, and 200
    # to 600 batches of pictures a second are far more than are learnt from: so little is drawn
    # ahead, and what is learnt from is fresh.
    samples = reverb.TrajectoryDataset(
        address,
        table,
        dtypes={key: spec.dtype for key, spec in signature.items()},
        shapes={key: spec.shape for key, spec in signature.items()},
        max_in_flight_samples_per_worker=2 * batch_size,
        num_workers_per_iterator=1,
    )

    def wanted(sample):
        batch = {k: v for k, v in sample.data.items() if k not in leave_out}
        info = sample.info
        about = zip(ITEM_KEYS, (info.key, info.probability, info.table_size))
        return {**batch, **dict(about)} if with_items else batch

    batches = samples.map(wanted).batch(batch_size, drop_remainder=True)
    return batches.prefetch(prefetch) if prefetch else batches
