"""The replay as a run in one process uses it."""

from __future__ import annotations

import pathlib
from typing import Any, NamedTuple

from dreamer_tf.replay.batch_iterator import BatchIterator
from dreamer_tf.replay.connection import table_counts
from dreamer_tf.replay.replay_ratio import ReplayRatio
from dreamer_tf.replay.sequence_writer import SequenceWriter
from dreamer_tf.replay.server import ReplayServer


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
