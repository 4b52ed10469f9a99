"""The robot's side of Sphero's packets, version 1, as its API 1.20 describes them.

Request: FF, FF (an answer is wanted) or FE, device, command, sequence, length, data, checksum.
Answer: FF FF, result, sequence, length, data, checksum. A length counts the checksum in.
"""

from __future__ import annotations

from typing import List, NamedTuple

OK, BAD_CHECKSUM, UNKNOWN_COMMAND = 0x00, 0x02, 0x04
_START, _WITHOUT_ANSWER = 0xFF, 0xFE
_HEAD_BYTES = 6


class Request(NamedTuple):
    """What a client wants.

    Attributes:
        device: virtual device, 0 core, 2 Sphero.
        command: of the device.
        sequence: comes back with the answer.
        data: of the command.
        is_valid: whether the checksum is right.
        wants_answer: whether one is to be sent.
    """

    device: int
    command: int
    sequence: int
    data: bytes
    is_valid: bool
    wants_answer: bool


def checksum(data: bytes) -> int:
    """Returns the sum of all bytes, modulo 256, inverted."""
    return ~sum(data) & 0xFF


def answer(result: int, sequence: int, data: bytes = b'') -> bytes:
    """Returns the packet that answers a request."""
    body = bytes([result, sequence, len(data) + 1]) + data
    return bytes([_START, _START]) + body + bytes([checksum(body)])


class RequestCollector:
    """Puts requests together from the pieces, of at most 20 bytes, that a radio carries."""

    def __init__(self):
        """Nothing has come."""
        self._data = b''

    def add(self, data: bytes) -> List[Request]:
        """Returns the requests that are complete with `data`."""
        self._data += data
        requests = []
        while len(self._data) >= 2:
            if self._data[0] != _START or self._data[1] not in (_START, _WITHOUT_ANSWER):
                self._data = self._data[1:]
                continue
            if len(self._data) < _HEAD_BYTES or len(self._data) < _HEAD_BYTES + self._data[5]:
                break
            end = _HEAD_BYTES + self._data[5]
            packet, self._data = self._data[:end], self._data[end:]
            requests.append(Request(
                packet[2], packet[3], packet[4], packet[6:-1],
                packet[-1] == checksum(packet[2:-1]), packet[1] == _START))
        return requests
