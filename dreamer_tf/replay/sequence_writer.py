"""Writes an endless stream of steps into replay as overlapping sequences."""

from __future__ import annotations

from typing import Any

import numpy as np
import reverb

from dreamer_tf.errors import UserError
from dreamer_tf.replay.connection import connect, table_info
from dreamer_tf.replay.tables import REPLAY_TABLE

# Measured with 64 x 64 pictures, T 32, two cores (steps/s written, batches/s of 16 read, kB of
# memory a step for pictures of a simulator): chunk 1: 2200, 200, 26; 4: 4400, 320, 8.3;
# 8: 5300, 380, 5.8; 32: 6700, 330, 3.9. An item refers to all its chunks, so short ones cost
# memory and time; long ones keep the newest steps from the learner. From 8 on little is gained.
DEFAULT_CHUNK_LENGTH = 8


class SequenceWriter:
    """Appends steps and makes one item of the last T steps every `stride` steps.

    Episodes follow each other in one stream: an item may span the end of an episode (`is_first`
    tells). A new writer starts a new stream, so that no item spans a restart.

    Steps travel in chunks of `chunk_length`; the server holds the items of a chunk when the append
    that completed the chunk returns. `items_written` counts those.

    Args:
      address: `host:port` of the replay server, or a client of it.
      stride: s, steps from one item to the next.
      chunk_length: steps that are compressed and sent together, at most T.
      timeout: seconds that the server may take to confirm a chunk.
      table: name of the table; its signature gives T and the keys of a step.
      first_step: number in its stream of the first step that is appended, when an earlier writer
        has begun the stream; the items of the two are those that one writer would have made.
      items_from: number of the first step that may end an item; steps before are history only.
      flush_items: True sends each item with the step that completes it, in a shorter chunk if
        need be: the next step must not be made before it has been learnt from.

    Raises:
      UserError: no server answers, it has no such table, or stride or chunk length are below 1.
    """

    def __init__(
        self,
        address: str | reverb.Client,
        *,
        stride: int = 1,
        chunk_length: int = DEFAULT_CHUNK_LENGTH,
        timeout: float = 30.0,
        table: str = REPLAY_TABLE,
        first_step: int = 0,
        items_from: int = 0,
        flush_items: bool = False,
    ):
        if stride < 1 or chunk_length < 1:
            raise UserError(
                f"stride and chunk_length must be at least 1, got {stride} and {chunk_length}"
            )
        client = connect(address) if isinstance(address, str) else address
        signature = table_info(client, table).signature
        self._specs = {key: (spec.dtype, tuple(spec.shape[1:])) for key, spec in signature.items()}
        self._sequence_length = int(next(iter(signature.values())).shape[0])
        self._chunk_length = min(chunk_length, self._sequence_length)
        self._stride = stride
        self._timeout = timeout
        self._table = table
        self._address = client.server_address
        self._writer = client.trajectory_writer(num_keep_alive_refs=self._sequence_length)
        for key in signature:
            self._writer.configure(
                (key,),
                num_keep_alive_refs=self._sequence_length,
                max_chunk_length=self._chunk_length,
            )
        self._first_step, self._items_from = first_step, items_from
        self._flush_items = flush_items
        self.steps = 0
        self.items_written = 0
        self._items_pending = 0
        self._open_chunk_steps = 0

    def append(self, step: dict[str, Any], priority: float = 1.0) -> None:
        """Append one step: a dict of arrays without leading axes, as in the table's signature.

        Args:
          step: key to array.
          priority: of the item that the step completes, if it completes one.

        Raises:
          UserError: a key, shape or dtype is wrong or a number is not finite (nothing of the step
            is written then), or the server did not confirm a full chunk in time.
        """
        self._writer.append(self._checked(step))
        self.steps += 1
        self._open_chunk_steps += 1
        number = self._first_step + self.steps - 1
        on_stride = (number + 1 - self._sequence_length) % self._stride == 0
        if on_stride and self.steps >= self._sequence_length and number >= self._items_from:
            history = self._writer.history
            item = {key: history[key][-self._sequence_length :] for key in self._specs}
            self._writer.create_item(self._table, priority, item)
            self._items_pending += 1
        if self._open_chunk_steps == self._chunk_length or (
            self._flush_items and self._items_pending
        ):
            self.flush()

    def flush(self) -> None:
        """Send what is pending, in a shorter chunk if need be, and wait until the server has it.

        Raises:
          UserError: the server did not confirm within the timeout.
        """
        try:
            self._writer.flush(0, timeout_ms=int(self._timeout * 1000))
        except (reverb.errors.ReverbError, RuntimeError) as error:
            raise UserError(
                f"the replay server at {self._address} did not take the data within "
                f"{self._timeout:g} s: see whether it still runs, then start again"
            ) from error
        self.items_written += self._items_pending
        self._items_pending = 0
        self._open_chunk_steps = 0

    def close(self) -> None:
        """Flush and end the stream. Steps that no item has used yet are dropped.

        Raises:
          UserError: the server did not confirm within the timeout (the stream is ended all the
            same).
        """
        try:
            self.flush()
        finally:
            self._writer.close()

    def _checked(self, step: dict[str, Any]) -> dict[str, np.ndarray]:
        """The step as arrays, or a UserError that names the key."""
        if step.keys() != self._specs.keys():
            raise UserError(
                f"a replay step must have the keys {sorted(self._specs)}, got {sorted(step)}"
            )
        arrays = {}
        for key, (dtype, shape) in self._specs.items():
            array = np.asarray(step[key])
            if array.shape != shape or array.dtype != dtype.as_numpy_dtype:
                raise UserError(
                    f"replay expects '{key}' as {dtype.name} {shape}, "
                    f"got {array.dtype.name} {array.shape}"
                )
            if dtype.is_floating and not np.all(np.isfinite(array)):
                raise UserError(f"'{key}' is not finite, so the step is not written to replay")
            arrays[key] = array
        return arrays
