"""The replay server: Reverb in this process, restored from and saved to a folder of its own."""

from __future__ import annotations

import os
import re
import socket
import tempfile
from collections.abc import Sequence
from pathlib import Path

import reverb
from reverb.platform.default import checkpointers

from dreamer_tf.errors import UserError
from dreamer_tf.replay.connection import connect, table_info
from dreamer_tf.replay.table_check import refuse_other_table

# Reverb names each checkpoint after its time and deletes everything else beside it.
_CHECKPOINT_NAME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.+-]+$")


class ReplayServer:
    """One Reverb server with the replay table; it restores by itself what its folder holds.

    Reverb listens on all network interfaces without authentication: keep it in a private network.

    Args:
      table: from `make_replay_table`.
      checkpoint_dir: a folder for the server alone (made if missing): Reverb deletes whatever else
        is in it. None: a temporary folder that goes when the server stops.
      port: None picks a free one.
      further_tables: of the same server, saved and restored with it.

    Raises:
      UserError: the port is taken; the folder cannot be used or holds other things; what it holds
        was saved with other steps, length, capacity or replay ratio than `table` has.
    """

    def __init__(
        self,
        table: reverb.Table,
        *,
        checkpoint_dir: str | os.PathLike | None = None,
        port: int | None = None,
        further_tables: Sequence[reverb.Table] = (),
    ):
        if port is not None:
            refuse_taken_port(port)
        self._temporary = None
        if checkpoint_dir is None:
            self._temporary = tempfile.TemporaryDirectory(prefix="dreamer_tf_replay_")
            checkpoint_dir = self._temporary.name
        folder = _usable_folder(Path(checkpoint_dir))
        asked = table.info
        try:
            self._server = reverb.Server(
                [table, *further_tables],
                port=port,
                checkpointer=checkpointers.DefaultCheckpointer(str(folder)),
            )
        except (ValueError, RuntimeError) as error:
            raise UserError(
                f"the replay server does not start from {folder}: {_one_line(error)}"
            ) from error
        self.address = f"localhost:{self._server.port}"
        self._client = connect(self.address)
        found = table_info(self._client, table.name)
        try:
            refuse_other_table(asked, found, f"saved in {folder}")
        except UserError:
            self.stop()
            raise
        self.restored_items = int(found.current_size)

    @property
    def client(self) -> reverb.Client:
        """A client of this server."""
        return self._client

    def checkpoint(self) -> str:
        """Save the table (items, limiter, counts); returns the path. Only the newest is kept.

        What was appended but not flushed is not in it: call `SequenceWriter.flush` before.

        Raises:
          UserError: the folder cannot be written to.
        """
        try:
            return self._client.checkpoint()
        except RuntimeError as error:
            raise UserError(f"replay cannot be saved: {_one_line(error)}") from error

    def stop(self) -> None:
        """End the server without saving. Stop it before dropping a blocked dataset iterator."""
        self._server.stop()
        if self._temporary is not None:
            self._temporary.cleanup()

    def __enter__(self) -> ReplayServer:
        return self

    def __exit__(self, *_) -> None:
        self.stop()


def refuse_taken_port(port: int, what: str = "replay server") -> None:
    """Try a port: gRPC would share it with another server without a word (SO_REUSEPORT).

    Args:
      port: to listen at.
      what: is to listen, for the message.

    Raises:
      UserError: it is taken.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # Without it, a port whose server has just gone would seem taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
            probe.listen(1)
        except (OSError, OverflowError) as error:
            raise UserError(
                f"port {port} cannot be used for the {what} ({_one_line(error)}): "
                "take another, or none to have a free one picked"
            ) from error


def _usable_folder(folder: Path) -> Path:
    """Make the folder; refuse it when it holds what Reverb would delete."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        strangers = sorted(e.name for e in folder.iterdir() if not _CHECKPOINT_NAME.match(e.name))
    except OSError as error:
        raise UserError(
            f"the replay folder {folder} cannot be used: {error.strerror}: give another"
        ) from error
    if strangers:
        raise UserError(
            f"the replay folder {folder} holds other things ({strangers[0]}), which the server "
            "would delete: give it a folder of its own"
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UserError(f"the replay folder {folder} cannot be written to: give another")
    return folder


def _one_line(error: Exception) -> str:
    """The first line of an error's text."""
    return (str(error).splitlines() or [type(error).__name__])[0]
