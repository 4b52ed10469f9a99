"""How many updates are due: the limiter's accounting, for a loop that has only one thread."""

from __future__ import annotations

import reverb

from dreamer_tf.errors import UserError
from dreamer_tf.replay.connection import table_info
from dreamer_tf.replay.tables import REPLAY_TABLE, samples_per_insert


class ReplayRatio:
    """Updates that the table's limiter allows, as pure arithmetic.

    A loop that collects and trains alternately must never ask for a batch that the limiter does
    not grant: it would wait for inserts that only itself can make. The limiter counts from the
    table's whole life, so after a restore this count starts from the table's own numbers; batches
    that had been prefetched and never trained on are given up that way.

    Args:
      replay_ratio: R, replayed steps per environment step, as given to `make_replay_table`.
      batch_size: B, items of an update.
      sequence_length: T, steps of an item.
      stride: s, environment steps per item.
      min_items: items before the first update, as given to `make_replay_table`.
      items_before: items that the table had ever seen when this process started.
      samples_before: samples that the table had ever given when this process started.

    Raises:
      UserError: the ratio is not above 0.
    """

    def __init__(
        self,
        replay_ratio: float,
        *,
        batch_size: int,
        sequence_length: int,
        stride: int = 1,
        min_items: int,
        items_before: int = 0,
        samples_before: int = 0,
    ):
        if not replay_ratio > 0:
            raise UserError(f"replay_ratio must be above 0, got {replay_ratio}")
        self._samples_per_insert = samples_per_insert(replay_ratio, sequence_length, stride)
        self._batch_size = batch_size
        self._min_items = min_items
        self._items_before = items_before
        self._samples_before = samples_before

    @classmethod
    def of_table(
        cls, client: reverb.Client, *, batch_size: int, table: str = REPLAY_TABLE
    ) -> ReplayRatio:
        """The accounting of a server's table, from the table's own limiter and counts.

        A restored table keeps the limiter it was made with, and a server at a given address has
        its own: only what the server says cannot contradict it. Call it before anything is sampled
        in this process.

        Args:
          client: of the replay server.
          batch_size: B, items of an update.
          table: name of the table.

        Raises:
          UserError: no server answers, or its table has no ratio (free-running).
        """
        limiter = table_info(client, table).rate_limiter_info
        if limiter.min_diff < 0:
            raise UserError(
                f"the replay at {client.server_address} has no replay ratio (it is free-running)"
            )
        return cls(
            limiter.samples_per_insert,  # the ratio of items of one step
            batch_size=batch_size,
            sequence_length=1,
            min_items=limiter.min_size_to_sample,
            items_before=limiter.insert_stats.completed,
            samples_before=limiter.sample_stats.completed,
        )

    def updates_due(self, items_written: int) -> int:
        """Updates due in all since this process started, after so many items were written in it.

        Args:
          items_written: `SequenceWriter.items_written` (items that the server has confirmed).
        """
        items = self._items_before + items_written
        if items < self._min_items:
            return 0
        # The limiter compares inserts * spi - samples >= 0 in float64: same order of operations.
        allowed = int(items * self._samples_per_insert) - self._samples_before
        return max(0, allowed // self._batch_size)
