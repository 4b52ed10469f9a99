"""Talks to the program that moves the robot."""

from __future__ import annotations

import json
import pathlib
import socket
from typing import Any

from dreamer_tf.console.console_server import SOCKET, short_path
from dreamer_tf.errors import UserError

PATIENCE_SECONDS = 5.0


class ConsoleClient:
    """One console's connection."""

    def __init__(self, folder: pathlib.Path):
        """Connects.

        Args:
          folder: of the run (in one process) or of an actor.

        Raises:
          UserError: nobody moves a robot there.
        """
        self._folder = folder
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(PATIENCE_SECONDS)
        try:
            with short_path(folder / SOCKET) as path:
                self._socket.connect(path)
        except OSError as error:
            self._socket.close()
            raise UserError(
                f"no running program moves a robot in {folder} ({error.strerror}); is --logdir "
                "the folder of a run, and the run on this machine?"
            ) from error
        self._lines = self._socket.makefile("r", encoding="utf-8")

    def do(self, word: str, text: str = "") -> dict[str, Any]:
        """Asks for one of `operator.WORDS`.

        Returns:
          'did' (what happened), 'error' (None, or why not) and 'status'.

        Raises:
          UserError: the program does not answer any more.
        """
        try:
            self._socket.sendall(json.dumps({"do": word, "text": text}).encode() + b"\n")
            line = self._lines.readline()
        except OSError as error:
            raise UserError(f"the program in {self._folder} does not answer") from error
        if not line:
            raise UserError(f"the program in {self._folder} has ended")
        return json.loads(line)

    def close(self) -> None:
        """Leaves; the robot goes on. Harmless when called again."""
        self._lines.close()
        self._socket.close()
