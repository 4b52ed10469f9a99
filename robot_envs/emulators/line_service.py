"""A TCP port that takes lines and answers with lines."""

from __future__ import annotations

from typing import Callable

from robot_envs.emulators.faults import Faults
from robot_envs.emulators.tcp_service import TcpService


class LineService(TcpService):
    """Asks a function for the answer to every line."""

    def __init__(self, address: str, port: int, faults: Faults, obey: Callable[[str], str], *,
                 greeting: str = '', end: str = '\n'):
        """Listens.

        Args:
            address: as `TcpService`'s.
            port: as `TcpService`'s.
            faults: as `TcpService`'s.
            obey: returns the answer to a line; neither has its end.
            greeting: sent to every new client, if any.
            end: of every answer.

        Raises:
            OSError: address or port cannot be used.
        """
        super().__init__(address, port, faults)
        self._obey = obey
        self._greeting = greeting
        self._end = end

    def step(self, now: float) -> None:
        """Answers all lines that have come."""
        super().step(now)
        for connection in self.connections:
            if connection.is_new and self._greeting:
                connection.send(self._greeting.encode() + b'\n', now)
            while b'\n' in connection.received:
                line, _, rest = bytes(connection.received).partition(b'\n')
                connection.received[:] = rest
                answer = self._obey(line.decode(errors='replace').strip())
                connection.send((answer + self._end).encode(), now)
