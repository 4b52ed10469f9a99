"""Brings what an actor has logged to the replay server, from a thread of its own."""

from __future__ import annotations

import threading
import time
from typing import Any, Mapping

import numpy as np
import tensorflow as tf

from dreamer_tf.errors import ServerGone, UserError
from dreamer_tf.roles.bulletin import BulletinReader
from dreamer_tf.roles.episode_log import Entry, EpisodeLog
from dreamer_tf.roles.inbox import (
    ENV_STEP,
    INBOX_TABLE,
    MAX_BLOCK_STEPS,
    MAX_UNCONFIRMED_STEPS,
    STATUS_BULLETIN,
    STEP_INDEX,
    STREAM,
    InboxWriter,
    refuse_other_steps,
)
from dreamer_tf.roles.link import Link
from dreamer_tf.roles.rlds import Record, step_of

IDLE_SECONDS = 0.2
ASK_SECONDS = 0.3
# Steps that were sent and are not confirmed for so long were lost on the way.
RESEND_SECONDS = 10.0


class LogSender:
    """Sends the log from the step that the replay wants; never more than it can confirm.

    The log is the truth. Whatever happens to either side, the replay says which step it wants, and
    sending goes on from there; a step that arrives twice is dropped there.

    Attributes:
      status: what the replay role said last, or None.
    """

    def __init__(self, log: EpisodeLog, link: Link, signature: Mapping[str, tf.TensorSpec]):
        """Starts the thread.

        Args:
          log: of this actor; somebody else appends to it.
          link: to the replay server.
          signature: of one step.
        """
        self._log, self._link, self._signature = log, link, dict(signature)
        self._board = BulletinReader(link, STATUS_BULLETIN)
        self._writer: InboxWriter | None = None
        self._session: Any = None
        self._confirmed = 0
        self._sent = 0
        self._before: Record | None = None
        self._asked = self._moved = -float("inf")
        self._error: Exception | None = None
        self._closed = threading.Event()
        self.status: Mapping[str, Any] | None = None
        self._thread = threading.Thread(target=self._work, daemon=True, name="log sender")
        self._thread.start()

    @property
    def stream(self) -> int:
        """Number of the log's stream."""
        return self._log.stream

    @property
    def unsent(self) -> int:
        """Records of the log that the replay has not confirmed."""
        return self._log.next_index - self._confirmed

    def check(self) -> None:
        """Raises what the thread has ended of.

        Raises:
          UserError: a replay of another robot, a damaged log.
          Exception: whatever else it was.
        """
        if self._error is not None:
            raise self._error

    def drain(self, seconds: float) -> bool:
        """Waits until the replay has the whole log; returns whether it has."""
        end = time.monotonic() + seconds
        while self.unsent and time.monotonic() < end and self._error is None:
            time.sleep(0.05)
        return not self.unsent

    def close(self) -> None:
        """Ends the thread."""
        self._closed.set()
        self._thread.join(2.0)

    def _work(self) -> None:
        while not self._closed.is_set():
            try:
                if not (self._link.up() and self._round()):
                    self._closed.wait(IDLE_SECONDS)
            except ServerGone:
                self._link.lost()
                self._writer = None
            except Exception as error:  # whatever it is, it is the caller's: `check` raises it
                self._error = error
                return

    def _round(self) -> bool:
        """Asks or sends something; returns whether there may be more to do."""
        self._ask()
        if self.status is None or self._sent - self._confirmed >= MAX_UNCONFIRMED_STEPS:
            return False
        entries = self._log.read(self._sent, MAX_BLOCK_STEPS)
        if not entries:
            return False
        if self._writer is None:
            self._writer = self._link.ask(self._open)
        if self._sent == self._confirmed:
            self._moved = time.monotonic()
        self._writer.send(self._steps(entries))
        self._sent += len(entries)
        return True

    def _open(self, client) -> InboxWriter:
        return InboxWriter(client, self._signature)

    def _ask(self) -> None:
        now = time.monotonic()
        if now - self._asked < ASK_SECONDS:
            return
        self._asked = now
        status = self._board.read()
        if status is None:
            return
        if status["session"] != self._session:
            # The first answer of this replay: see who it is before anything is sent.
            refuse_other_steps(self._signature, self._link.info()[INBOX_TABLE], self._link.address)
            self._writer = None
        wanted = int(status["wanted"].get(str(self._log.stream), 0))
        if wanted != self._confirmed:
            self._moved = now
        lost = self._sent > wanted and now - self._moved > RESEND_SECONDS
        if status["session"] != self._session or wanted > self._sent or lost:
            self._begin_at(wanted)
            self._moved = now
        self._session, self._confirmed, self.status = status["session"], wanted, status

    def _begin_at(self, index: int) -> None:
        """Goes on sending with record `index`."""
        if index > self._log.next_index:
            raise UserError(
                f"the replay has {index} steps of this actor's log, which holds only "
                f"{self._log.next_index}: give the actor the --logdir that it had before"
            )
        self._sent = index
        self._before = self._log.read(index - 1, 1)[0][0] if index else None

    def _steps(self, entries: list[Entry]) -> list[dict[str, Any]]:
        steps = []
        for number, (record, env_step) in enumerate(entries, self._sent):
            steps.append(
                {
                    **step_of(record, self._before),
                    STREAM: np.int64(self._log.stream),
                    STEP_INDEX: np.int64(number),
                    ENV_STEP: np.int64(env_step),
                }
            )
            self._before = record
        return steps
