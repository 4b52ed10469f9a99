"""The replay of another process, as the learner sees it."""

from __future__ import annotations

import time
from typing import Any, Mapping

import reverb
import tensorflow as tf

from dreamer_tf.errors import ServerGone
from dreamer_tf.replay.batch_iterator import BatchIterator
from dreamer_tf.replay.replay_ratio import ReplayRatio
from dreamer_tf.replay.sequence_dataset import make_sequence_dataset
from dreamer_tf.replay.table_check import refuse_other_table
from dreamer_tf.replay.tables import REPLAY_TABLE
from dreamer_tf.roles.bulletin import BulletinReader
from dreamer_tf.roles.inbox import STATUS_BULLETIN, STEP_INDEX, STREAM
from dreamer_tf.roles.link import Link

ASK_SECONDS = 0.5
READY_SECONDS = 0.1


class RemoteReplay:
    """Batches while the server is there, and nothing but patience while it is not.

    Attributes:
      status: what the replay role said last of actors and episodes; {} before.
    """

    def __init__(self, link: Link, *, asked: reverb.reverb_types.TableInfo, batch_size: int):
        """Makes the view; nothing is asked before `poll`.

        Args:
          link: to the replay server.
          asked: the table that this run's settings make.
          batch_size: B.
        """
        self._link, self._asked, self._batch_size = link, asked, batch_size
        self._board = BulletinReader(link, STATUS_BULLETIN)
        self._batches: BatchIterator | None = None
        self._ratio: ReplayRatio | None = None
        self._made = self._made_before = 0
        self._inserts_before = 0
        self._asked_at = -float("inf")
        self._counts: dict[str, float] = {}
        self.batches = self
        self.status: Mapping[str, Any] = {}

    def __iter__(self) -> RemoteReplay:
        return self

    def __next__(self) -> dict[str, tf.Tensor]:
        """The batch that `updates_due` has announced."""
        batch = next(self._batches)
        self._made += 1
        return batch

    def updates_due(self) -> int:
        """Updates that can be made without waiting, in all since this process started.

        Takes a moment when there are none: who asks again and again leaves the core to others.
        """
        self.poll()
        if self._batches is None:
            time.sleep(READY_SECONDS)
            return self._made
        if not self._batches.ready(READY_SECONDS):
            return self._made
        if self._batches.failed:  # the server was stopped, perhaps to be started again
            self._link.lost()
            self.close()
            return self._made
        return self._made + 1

    def work_left(self) -> bool:
        """Whether the replay ratio still owes updates for the steps that were made."""
        self.poll()
        if self._ratio is None:
            return True
        written = int(self._counts["replay/inserts"]) - self._inserts_before
        return self._ratio.updates_due(written) > self._made - self._made_before

    def sizes(self) -> dict[str, float]:
        """Numbers for the log."""
        return dict(self._counts)

    def checkpoint(self) -> None:
        """The replay role saves itself."""

    def poll(self) -> None:
        """Asks the server, not too often; connects again to one that has come back.

        Raises:
          UserError: its table is that of other settings.
        """
        if time.monotonic() - self._asked_at < ASK_SECONDS:
            return
        try:
            if self._link.up():
                self._look()
        except ServerGone:
            self._link.lost()
            self.close()
        self._asked_at = time.monotonic()

    def close(self) -> None:
        """Gives up the batches that were fetched."""
        if self._batches is not None:
            self._batches.close()
        self._batches = self._ratio = None

    def _look(self) -> None:
        status = self._board.read()
        if status is None:
            return
        if self._batches is None or status["session"] != self.status.get("session"):
            self.close()
            self._open()
        self.status = status
        info = self._link.info()[REPLAY_TABLE]
        limiter = info.rate_limiter_info
        self._counts = {
            "replay/items": info.current_size,
            "replay/inserts": limiter.insert_stats.completed,
            "replay/samples": limiter.sample_stats.completed,
        }

    def _open(self) -> None:
        client = reverb.Client(self._link.address)
        found = self._link.info()[REPLAY_TABLE]
        refuse_other_table(self._asked, found, "at " + self._link.address)
        self._ratio = ReplayRatio.of_table(client, batch_size=self._batch_size)
        self._inserts_before = found.rate_limiter_info.insert_stats.completed
        self._made_before = self._made
        dataset = make_sequence_dataset(
            self._link.address, batch_size=self._batch_size, leave_out=(STREAM, STEP_INDEX)
        )
        self._batches = BatchIterator(dataset, client, heartbeat=2.0)
