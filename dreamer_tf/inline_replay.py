"""The replay as a run in one process uses it."""

from __future__ import annotations

import contextlib
import pathlib
from typing import Any, NamedTuple

import tensorflow as tf

from dreamer_tf.checkpoints import Checkpoints
from dreamer_tf.replay.batch_iterator import BatchIterator
from dreamer_tf.replay.connection import connect, table_counts, table_info
from dreamer_tf.replay.kind import ReplayKind
from dreamer_tf.replay.replay_ratio import ReplayRatio
from dreamer_tf.replay.replay_settings import ReplaySettings
from dreamer_tf.replay.sequence_dataset import make_sequence_dataset
from dreamer_tf.replay.sequence_writer import SequenceWriter
from dreamer_tf.replay.server import ReplayServer
from dreamer_tf.replay.table_check import refuse_other_table


class InlineReplay(NamedTuple):
    """Everything that reads and writes the replay.

    Attributes:
      server: None when it is another program's.
      client: of the server.
      writer: takes steps.
      batches: gives batches.
      ratio: counts the updates that are due.
    """

    server: ReplayServer | None
    client: Any
    writer: SequenceWriter
    batches: BatchIterator
    ratio: ReplayRatio

    @classmethod
    def open(
        cls,
        stack: contextlib.ExitStack,
        asked: ReplaySettings,
        signature: dict[str, tf.TensorSpec],
        folder: pathlib.Path,
        saved: Checkpoints,
    ) -> InlineReplay:
        """Starts a server, or connects to the one asked for, and makes what uses it.

        Args:
          stack: closes all of it.
          asked: the run's settings.
          signature: the spec of one step.
          folder: where a server of its own keeps what it saves.
          saved: the run's checkpoints, whose replay is brought back.

        Raises:
          UserError: no server answers, or its table is that of other settings.
        """
        table = asked.make_table(signature)
        server = None
        if asked.address is None:
            saved.bring_back_replay(folder)
            server = ReplayServer(table, checkpoint_dir=folder)
            client = server.client
        else:
            client = connect(asked.address)
            refuse_other_table(table.info, table_info(client), "at " + asked.address)
        ratio = ReplayRatio.of_table(client, batch_size=asked.batch_size)
        dataset = make_sequence_dataset(
            client.server_address,
            batch_size=asked.batch_size,
            with_items=asked.kind is ReplayKind.PRIORITISED,
        )
        batches = BatchIterator(dataset, client)
        stack.callback(batches.close)
        if server is not None:
            stack.callback(server.stop)  # the first to go: what waits for it then ends at once
        writer = SequenceWriter(
            client, stride=asked.stride, flush_items=asked.kind is ReplayKind.ON_POLICY
        )
        return cls(server, client, writer, batches, ratio)

    def updates_due(self) -> int:
        """Updates due in all since this process started."""
        return self.ratio.updates_due(self.writer.items_written)

    def work_left(self) -> bool:
        """False: one thread has made all updates that are due before it asks."""
        return False

    def sizes(self) -> dict[str, float]:
        """Numbers for the log."""
        counts = table_counts(self.client)
        return {
            "replay/items": counts.items,
            "replay/inserts": counts.inserts,
            "replay/samples": counts.samples,
        }

    def checkpoint(self) -> pathlib.Path | None:
        """Saves what was written so far; the path, or None when another program does that."""
        if self.server is None:
            return None
        self.writer.flush()
        return pathlib.Path(self.server.checkpoint())
