"""Writes records to disk from a thread of its own."""

from __future__ import annotations

import queue
import threading
from typing import Any, Mapping

from dreamer_tf.errors import UserError
from dreamer_tf.roles.episode_log import EpisodeLog
from dreamer_tf.roles.rlds import RecordsFromSteps

_END = object()


class LogWriter:
    """Takes steps without ever waiting, and appends their records to the log."""

    def __init__(self, log: EpisodeLog, *, queue_steps: int):
        """Starts the thread.

        Args:
          log: nobody else appends to it.
          queue_steps: steps that may wait for the disk.
        """
        self._log = log
        self._records = RecordsFromSteps()
        self._queue: queue.Queue = queue.Queue(queue_steps)
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._work, daemon=True, name="log writer")
        self._thread.start()

    def put(self, step: Mapping[str, Any]) -> None:
        """Hands over one replay step; returns at once.

        Raises:
          UserError: the log cannot be written, or the disk is so slow that the queue is full. The
            robot must stop then: a step that is not recorded cannot be made up for.
          Exception: whatever else the thread has ended of.
        """
        if self._error is not None:
            raise self._error
        try:
            self._queue.put_nowait(step)
        except queue.Full:
            raise UserError(
                f"the disk did not take {self._queue.maxsize} steps in time: give the actor a "
                "faster --logdir, or raise ActorRole.queue_steps"
            ) from None

    def close(self, seconds: float = 10.0) -> None:
        """Writes what is waiting, the newest step included, and closes the log.

        Raises:
          UserError: not everything could be written.
          Exception: whatever else the thread has ended of.
        """
        try:
            self._queue.put(_END, timeout=seconds)
        except queue.Full:
            pass
        self._thread.join(seconds)
        if self._error is not None:
            raise self._error
        if self._thread.is_alive():
            raise UserError("the disk does not take the last steps: they are not recorded")

    def _work(self) -> None:
        try:
            while True:
                step = self._queue.get()
                records = self._records.end() if step is _END else self._records.add(step)
                for record in records:
                    self._log.append(record)
                if step is _END:
                    self._log.close()
                    return
        except Exception as error:  # whatever it is, it is the caller's: `put` raises it
            self._error = error
