"""The controller's end of the xArm's private Modbus TCP, port 502.

A frame is a big-endian u16 transaction, u16 protocol (2), u16 length of the rest, a u8 function and
its data; the answer has a byte of state behind the function. Floats are little-endian. (As
`xarm-python-sdk==1.18.4` sends and reads them.)
"""

from __future__ import annotations

import struct
from typing import Callable, Optional

from robot_envs.emulators.faults import Faults
from robot_envs.emulators.tcp_service import TcpService

PORT = 502
_HEADER = struct.Struct('>HHH')


class ControlServer(TcpService):
    """Asks a function for the answer to every frame."""

    def __init__(self, address: str, faults: Faults,
                 obey: Callable[[int, bytes], Optional[bytes]], state: Callable[[], int]):
        """Listens.

        Args:
            address: as `TcpService`'s.
            faults: as `TcpService`'s.
            obey: returns the answer's data to a function and its data, None for an unknown one.
            state: returns the byte of state: 0x40 with an error, 0x10 when it cannot move.

        Raises:
            OSError: the address cannot be used, or only root may use the port.
        """
        super().__init__(address, PORT, faults)
        self._obey = obey
        self._state = state

    def step(self, now: float) -> None:
        """Answers all frames that have come."""
        super().step(now)
        for connection in self.connections:
            received = connection.received
            while len(received) >= _HEADER.size:
                transaction, protocol, length = _HEADER.unpack_from(received)
                if len(received) < _HEADER.size + length:
                    break
                frame = bytes(received[_HEADER.size:_HEADER.size + length])
                del received[:_HEADER.size + length]
                if not frame:
                    continue  # A heartbeat.
                data = self._obey(frame[0], frame[1:])
                state = self._state() | (0x08 if data is None else 0)
                answer = bytes([frame[0], state]) + (data or b'')
                connection.send(_HEADER.pack(transaction, protocol, len(answer)) + answer, now)
