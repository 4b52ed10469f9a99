"""The newest weights, and what a run is, for whoever asks."""

from __future__ import annotations

import tempfile
from typing import Any, Mapping, Sequence

import numpy as np
import reverb
import tensorflow as tf
from reverb.platform.default import checkpointers

from dreamer_tf.errors import UserError
from dreamer_tf.replay.connection import connect
from dreamer_tf.replay.server import refuse_taken_port
from dreamer_tf.roles.bulletin import make_bulletin_table, post

WEIGHTS_TABLE = "weights"
RUN_BULLETIN = "run"
VERSION = "version"


def weights_signature(variables: Sequence[tf.Variable]) -> dict[str, tf.TensorSpec]:
    """Names and specs under which variables travel, `version` (int64) among them.

    Args:
      variables: in an order that is the same in every process.
    """
    spec = {
        f"weight_{index:04d}": tf.TensorSpec(variable.shape, variable.dtype)
        for index, variable in enumerate(variables)
    }
    return {VERSION: tf.TensorSpec((), tf.int64), **spec}


class WeightsServer:
    """A Reverb server with two tables of one item each: weights, and the run's bulletin.

    Arrays and JSON only, nothing that could run code where it is read. Reverb listens on all
    network interfaces without authentication: keep it in a private network.
    """

    def __init__(self, variables: Sequence[tf.Variable], *, port: int | None = None):
        """Starts the server; it is empty before the first `publish` and `post_run`.

        Args:
          variables: whose values are published.
          port: None picks a free one.

        Raises:
          UserError: the port is taken.
        """
        if port is not None:
            refuse_taken_port(port, "weights server")
        self._variables = list(variables)
        self._signature = weights_signature(variables)
        # Reverb restores what it finds in its folder: an empty one of its own.
        self._folder = tempfile.TemporaryDirectory(prefix="dreamer_tf_weights_")
        table = reverb.Table(
            name=WEIGHTS_TABLE,
            sampler=reverb.selectors.Fifo(),
            remover=reverb.selectors.Fifo(),
            max_size=1,
            rate_limiter=reverb.rate_limiters.MinSize(1),
            signature=self._signature,
        )
        try:
            self._server = reverb.Server(
                [table, make_bulletin_table(RUN_BULLETIN)],
                port=port,
                checkpointer=checkpointers.DefaultCheckpointer(self._folder.name),
            )
        except (ValueError, RuntimeError) as error:
            raise UserError(f"the weights server does not start: {error}") from error
        self.address = f"localhost:{self._server.port}"
        self._client = connect(self.address)
        self._writer = self._client.trajectory_writer(num_keep_alive_refs=1)

    def publish(self, version: int) -> None:
        """Publishes the values that the variables have now.

        Args:
          version: number of updates that made them; grows.
        """
        values = {
            f"weight_{index:04d}": variable.numpy()
            for index, variable in enumerate(self._variables)
        }
        self._writer.append({VERSION: np.int64(version), **values})
        item = {key: self._writer.history[key][-1] for key in self._signature}
        self._writer.create_item(WEIGHTS_TABLE, 1.0, item)
        self._writer.flush(timeout_ms=30_000)

    def post_run(self, message: Mapping[str, Any]) -> None:
        """Replaces what is said about the run."""
        post(self._client, RUN_BULLETIN, message)

    def stop(self) -> None:
        """Ends the server."""
        self._writer.close()
        self._server.stop()
        self._folder.cleanup()
