"""Batches from replay with a stopwatch, and with an error when the server has gone."""

from __future__ import annotations

import queue
import threading
from typing import Any

import reverb
import tensorflow as tf

# TensorFlow has no public way to wake a thread that waits for a batch.
from tensorflow.python.eager import cancellation

from dreamer_tf.replay.connection import connect, table_info
from dreamer_tf.replay.tables import REPLAY_TABLE


class BatchIterator:
    """An iterator over `make_sequence_dataset` with a heartbeat and a stopwatch.

    A Reverb iterator whose server died waits for ever, deaf to Ctrl-C. Here a thread waits in its
    place, and the caller asks now and then whether the server is still there. Close it when done:
    what still waits on a stopped server takes a twentieth of a core.

    Args:
      dataset: from `make_sequence_dataset`.
      address: `host:port` of the server that the dataset reads, or a client of it.
      heartbeat: seconds without a batch after which the server is asked.
      table: name of the table.
    """

    def __init__(
        self,
        dataset: tf.data.Dataset,
        address: str | reverb.Client,
        *,
        heartbeat: float = 10.0,
        table: str = REPLAY_TABLE,
    ):
        self._client = connect(address, heartbeat) if isinstance(address, str) else address
        self._heartbeat = heartbeat
        self._table = table
        self._batches: queue.Queue = queue.Queue(maxsize=1)
        self._ahead: Any = None
        self._closed = threading.Event()
        self._canceller = cancellation.CancellationManager()
        self._thread = threading.Thread(target=self._fetch, args=(iter(dataset),), daemon=True)
        self._thread.start()

    def __iter__(self) -> BatchIterator:
        return self

    def __next__(self) -> Any:
        """The next batch; waits while the limiter holds samples back.

        Raises:
          UserError: the server has gone.
          StopIteration: the dataset has ended, or `close` was called.
        """
        return self._wait()

    def ready(self, seconds: float) -> bool:
        """Whether `next` returns at once; waits up to `seconds` for it to become true."""
        if self._ahead is None:
            try:
                self._ahead = self._batches.get(timeout=seconds)
            except queue.Empty:
                pass
        return self._ahead is not None

    @property
    def failed(self) -> bool:
        """Whether the next `next` raises what the server has answered instead of a batch."""
        return isinstance(self._ahead, Exception)

    def close(self) -> None:
        """End the thread and give up the batches that it had fetched."""
        self._closed.set()
        self._canceller.start_cancel()
        self._thread.join(self._heartbeat)

    def _wait(self) -> Any:
        while not self._closed.is_set():
            if not self.ready(self._heartbeat):
                if not self._closed.is_set():
                    table_info(self._client, self._table, self._heartbeat)
                continue
            result, self._ahead = self._ahead, None
            if isinstance(result, tf.errors.OutOfRangeError):
                break
            if isinstance(result, Exception):
                raise result
            return result
        self._closed.set()
        raise StopIteration

    def _fetch(self, iterator: Any) -> None:
        """What the thread does until the dataset ends or the iterator is closed."""
        get_next = self._canceller.get_cancelable_function(
            tf.function(iterator.get_next).get_concrete_function()
        )
        while not self._closed.is_set():
            try:
                result = get_next()
            except Exception as error:  # whatever it is, it is the caller's: `_wait` raises it
                result = error
            self._hand_over(result)
            if isinstance(result, Exception):
                return

    def _hand_over(self, result: Any) -> None:
        while not self._closed.is_set():
            try:
                self._batches.put(result, timeout=0.2)
                return
            except queue.Full:
                continue
