"""A way to a server that may go at any time and come back."""

from __future__ import annotations

import threading
from typing import Any, Callable

import reverb

from dreamer_tf.errors import ServerGone
from dreamer_tf.roles.addresses import is_listening
from dreamer_tf.roles.bounded import bounded

ANSWER_SECONDS = 5.0


class Link:
    """Asks one server, notices when it has gone, and says so once; for one thread at a time.

    Args:
      address: `host:port`.
      name: of the server, for the messages: "the replay server".
      say: takes a line for people.

    Attributes:
      times_connected: grows each time the server is reached anew; what belongs to a connection
        (writers, iterators) is made again when it has grown.
    """

    def __init__(self, address: str, name: str, say: Callable[[str], None]):
        self.address = address
        self.times_connected = 0
        self._name = name
        self._say = say
        self._client: reverb.Client | None = None
        self._told = False
        self._lock = threading.Lock()

    def up(self) -> bool:
        """Whether the server answers; connects when it does and was not connected."""
        with self._lock:
            if self._client is not None:
                return True
            if not is_listening(self.address):
                self._tell()
                return False
            client = reverb.Client(self.address)
            try:
                client.server_info(int(ANSWER_SECONDS))
            except (reverb.errors.ReverbError, RuntimeError):
                self._tell()
                return False
            self._client = client
            self.times_connected += 1
            if self._told:
                self._say(f"{self._name} at {self.address} is there")
            self._told = False
            return True

    def ask(self, question: Callable[[reverb.Client], Any], seconds: float = ANSWER_SECONDS) -> Any:
        """What `question(client)` returns.

        Raises:
          ServerGone: the server does not answer; `up` tells when it does again.
        """
        client = self._client
        if client is None and self.up():
            client = self._client
        if client is None:
            raise ServerGone(f"{self._name} at {self.address} does not answer")
        try:
            return bounded(lambda: question(client), seconds)
        except (ServerGone, reverb.errors.ReverbError, RuntimeError) as error:
            self.lost()
            raise ServerGone(f"{self._name} at {self.address} does not answer") from error

    def info(self) -> dict[str, Any]:
        """The server's tables: name -> `TableInfo`.

        Raises:
          ServerGone: see `ask`.
        """
        return self.ask(lambda client: client.server_info(int(ANSWER_SECONDS)), ANSWER_SECONDS + 1)

    def lost(self) -> None:
        """Takes note that the server has gone."""
        with self._lock:
            self._client = None
            self._tell()

    def _tell(self) -> None:
        if not self._told:
            self._say(f"{self._name} at {self.address} does not answer; waiting for it")
            self._told = True
