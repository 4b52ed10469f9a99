"""A message of one server to everybody: one table that holds the newest JSON text."""

from __future__ import annotations

import json
from typing import Any, Mapping

import numpy as np
import reverb
import tensorflow as tf

from dreamer_tf.roles.link import Link


def make_bulletin_table(name: str) -> reverb.Table:
    """A table that holds one message; `post` replaces it."""
    return reverb.Table(
        name=name,
        sampler=reverb.selectors.Fifo(),
        remover=reverb.selectors.Fifo(),
        max_size=1,
        rate_limiter=reverb.rate_limiters.MinSize(1),
        signature={"text": tf.TensorSpec((None,), tf.uint8, name="text")},
    )


def post(client: reverb.Client, table: str, message: Mapping[str, Any]) -> None:
    """Replaces the message of a bulletin on a server of this process.

    Args:
      client: of the server.
      table: name of the bulletin.
      message: anything that JSON can hold.
    """
    text = np.frombuffer(json.dumps(message).encode(), np.uint8)
    # A writer of its own each time: the steps of one writer must all have one shape.
    with client.trajectory_writer(num_keep_alive_refs=1, validate_items=False) as writer:
        writer.append({"text": text})
        writer.create_item(table, 1.0, {"text": writer.history["text"][-1]})
        writer.flush(timeout_ms=10_000)


class BulletinReader:
    """Reads a bulletin of another process, and transfers it only when it has changed."""

    def __init__(self, link: Link, table: str):
        """Makes the reader; nothing is asked yet."""
        self._link = link
        self._table = table
        self._seen: tuple[int, int] | None = None
        self._message: dict[str, Any] | None = None

    def read(self) -> dict[str, Any] | None:
        """The newest message, None before the first one was posted.

        Raises:
          ServerGone: the server does not answer.
        """
        info = self._link.info()[self._table]
        posted = (self._link.times_connected, info.rate_limiter_info.insert_stats.completed)
        if not info.current_size or posted == self._seen:
            return self._message
        self._message = json.loads(self._link.ask(self._fetch))
        self._seen = posted
        return self._message

    def _fetch(self, client: reverb.Client) -> str:
        sample = next(client.sample(self._table, 1, emit_timesteps=False))
        return np.asarray(sample.data[0], np.uint8).tobytes().decode()
