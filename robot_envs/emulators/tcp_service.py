"""A TCP port of an emulated controller."""

from __future__ import annotations

import socket
from typing import List

from robot_envs.emulators.faults import Faults
from robot_envs.emulators.tcp_connection import TcpConnection


class TcpService:
    """Listens and keeps its connections; nothing here blocks.

    Attributes:
        connections: that are open.
        port: where it listens.
    """

    def __init__(self, address: str, port: int, faults: Faults):
        """Listens.

        Raises:
            OSError: address or port cannot be used.
        """
        self.connections: List[TcpConnection] = []
        self._faults = faults
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.bind((address, port))
            self._socket.listen(8)
        except OSError as error:
            self._socket.close()
            # With its number, it is of the same class: who asks tells what may not be from what is.
            raise OSError(error.errno, f'{error.strerror}, TCP port {port}') from error
        self._socket.setblocking(False)
        self.port = self._socket.getsockname()[1]

    def step(self, now: float) -> None:
        """Lets clients in, receives and sends; 'hang_up' sends all of them away."""
        for connection in self.connections:
            connection.is_new = False
        refuses = 'hang_up' in self._faults.values
        while 'disconnect' not in self._faults.values:
            try:
                connected, _ = self._socket.accept()
            except OSError:
                break
            self.connections.append(TcpConnection(connected, self._faults))
        for connection in self.connections:
            if refuses:
                connection.close()
            connection.step(now)
        self.connections = [one for one in self.connections if not one.is_closed]

    def close(self) -> None:
        """Gives the port back."""
        for connection in self.connections:
            connection.close()
        self._socket.close()
