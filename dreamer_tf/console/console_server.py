"""Lets consoles talk to the program that moves the robot."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import socketserver
import threading
from typing import Any, Iterator

from dreamer_tf.console.operator import Operator

SOCKET = "console.sock"


class _Handler(socketserver.StreamRequestHandler):
    """One console: a line of JSON in, a line of JSON out, until it leaves."""

    def handle(self) -> None:
        operator: Operator = self.server.operator  # type: ignore[attr-defined]
        with contextlib.suppress(OSError):  # a console that is gone is no trouble of the robot's
            for line in self.rfile:
                answer: dict[str, Any] = {"error": None, "did": None, "status": {}}
                try:
                    message = json.loads(line)
                    answer["did"] = operator.do(message["do"], message.get("text", ""))
                except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
                    answer["error"] = " ".join(str(error).split())
                answer["status"] = operator.status()
                self.wfile.write(json.dumps(answer).encode() + b"\n")


class ConsoleServer(socketserver.ThreadingUnixStreamServer):
    """Answers at a socket in the folder of the run, which its owner alone may open.

    It uses threads of its own and never waits for the loop that moves the robot, nor that for it.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self, folder: pathlib.Path, operator: Operator):
        """Begins to answer.

        Args:
          folder: of the run or role, locked by this process: an old socket in it is replaced.
          operator: takes the wishes.

        Raises:
          OSError: the folder's file system has no sockets.
        """
        self.operator = operator
        self._path = folder / SOCKET
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()
        with short_path(self._path) as path:
            super().__init__(path, _Handler, bind_and_activate=True)
        os.chmod(self._path, 0o600)
        self._thread = threading.Thread(target=self.serve_forever, daemon=True, name="console")
        self._thread.start()

    def close(self) -> None:
        """Answers no more; the socket goes away. Harmless when called again."""
        self.shutdown()
        self.server_close()
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()


@contextlib.contextmanager
def short_path(path: pathlib.Path) -> Iterator[str]:
    """Gives a name of `path` that is short enough for a socket (108 bytes on Linux)."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
