"""Empties the inbox from a thread of its own."""

from __future__ import annotations

import queue
import threading
from typing import Any, Iterator

import numpy as np
import reverb

from dreamer_tf.roles.inbox import INBOX_TABLE, STEP_INDEX

BLOCKS_AHEAD = 64


class InboxReader:
    """Takes blocks out of the inbox of a server of this process.

    What it holds is not lost with the process: actors send again what no checkpoint has.
    """

    def __init__(self, client: reverb.Client):
        """Starts the thread; it ends with the process at the latest."""
        self._error: Exception | None = None
        self._blocks: queue.Queue = queue.Queue(BLOCKS_AHEAD)
        threading.Thread(target=self._work, args=(client,), daemon=True, name="inbox").start()

    def steps(self, seconds: float) -> Iterator[dict[str, Any]]:
        """The steps of up to 64 blocks that are there, one by one; waits for the first block.

        Args:
          seconds: how long to wait.

        Yields:
          Dicts of arrays as `InboxWriter.send` was given them.

        Raises:
          Exception: what the thread has ended of, after the last block that it took.
        """
        try:
            block = self._blocks.get(timeout=seconds)
        except queue.Empty:
            if self._error is not None:
                raise self._error from None
            return
        try:
            for _ in range(BLOCKS_AHEAD):
                for index in range(len(block[STEP_INDEX])):
                    yield {key: value[index] for key, value in block.items()}
                block = self._blocks.get_nowait()
        except queue.Empty:
            return

    def _work(self, client: reverb.Client) -> None:
        try:
            # One sampler for ever: a new one each time would say so on the terminal each time.
            samples = client.sample(
                INBOX_TABLE, 2**62, emit_timesteps=False, unpack_as_table_signature=True
            )
            for sample in samples:
                self._blocks.put({key: np.asarray(value) for key, value in sample.data.items()})
        except Exception as error:  # whatever it is, it is the caller's: `steps` raises it
            self._error = error
