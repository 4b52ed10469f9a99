"""One client of an emulated service."""

from __future__ import annotations

import collections
import socket
from typing import Deque, Tuple

from robot_envs.emulators.faults import Faults

_BYTES = 65536
_MOST_WAITING = 1 << 20  # A client that does not read loses its connection, as a robot's does.


class TcpConnection:
    """Bytes to and from a client, which `latency` delays and `disconnect` silences.

    Attributes:
        received: what has come and was not taken yet; whoever takes it deletes it.
        is_new: until the service's next step.
        is_closed: the client is gone, or was sent away.
    """

    def __init__(self, connected: socket.socket, faults: Faults):
        """Takes over the socket."""
        self.received = bytearray()
        self.is_new = True
        self.is_closed = False
        self._socket = connected
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._faults = faults
        self._coming: Deque[Tuple[float, bytes]] = collections.deque()
        self._going: Deque[Tuple[float, bytes]] = collections.deque()
        self._unsent = bytearray()

    def send(self, data: bytes, now: float) -> None:
        """Sends `data` when its latency is over; whole, or not at all while disconnected."""
        if 'disconnect' not in self._faults.values:
            self._going.append((now + self._faults.values.get('latency', 0.0), data))

    def step(self, now: float) -> None:
        """Receives and sends what is due."""
        if self.is_closed or 'disconnect' in self._faults.values:
            return
        try:
            data = self._socket.recv(_BYTES)
            if not data:
                self.close()
                return
            self._coming.append((now + self._faults.values.get('latency', 0.0), data))
        except BlockingIOError:
            pass
        except OSError:
            self.close()
            return
        while self._coming and self._coming[0][0] <= now:
            self.received += self._coming.popleft()[1]
        while self._going and self._going[0][0] <= now:
            self._unsent += self._going.popleft()[1]
        self._flush()

    def close(self) -> None:
        """Sends the client away."""
        if not self.is_closed:
            self.is_closed = True
            self._socket.close()

    def _flush(self) -> None:
        try:
            while self._unsent:
                del self._unsent[:self._socket.send(self._unsent)]
        except BlockingIOError:
            if len(self._unsent) > _MOST_WAITING:
                self.close()
        except OSError:
            self.close()
