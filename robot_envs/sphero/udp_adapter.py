"""Replaces spherov2's radio link by UDP, for the emulator; all above it is spherov2's own."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import Any, Callable, List, NamedTuple, Optional, Tuple, Type

from robot_envs.sphero import radio_protocol as radio

_ANSWER_SECONDS = 1.0
_POLL_SECONDS = 0.2


class FoundToy(NamedTuple):
    """A robot that answered a scan.

    Attributes:
        name: as it shows itself.
        address: of its radio.
    """

    name: str
    address: str


class UdpAdapter:
    """The methods that spherov2 asks of an adapter; `adapter_to` gives a class with an emulator."""

    EMULATOR: Tuple[str, int] = ('', 0)

    @classmethod
    def scan_toys(cls, timeout: float = 5.0) -> List[FoundToy]:
        """Returns the robots that answer within `timeout` seconds: one or none."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
            link.connect(cls.EMULATOR)
            answer = _ask(link, radio.SCAN, radio.SCANNED, timeout)
        return [] if answer is None else [FoundToy(*answer.decode().split('|'))]

    @classmethod
    def scan_toy(cls, name: str, timeout: float = 5.0) -> Optional[FoundToy]:
        """Returns the robot `name`, or None."""
        return next((toy for toy in cls.scan_toys(timeout) if toy.name == name), None)

    def __init__(self, address: str):
        """Connects to the robot with the radio `address`.

        Raises:
            ConnectionError: it does not answer.
        """
        del address  # An emulator has one robot.
        self._callback: Optional[Callable[[Any, bytearray], None]] = None
        self._closed = False
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.connect(self.EMULATOR)
        if _ask(self._socket, radio.CONNECT, radio.CONNECTED, _ANSWER_SECONDS) is None:
            self._socket.close()
            raise ConnectionError('the emulated robot does not answer')
        self._threads = [threading.Thread(target=target, daemon=True)
                         for target in (self._listen, self._stay_alive)]
        for thread in self._threads:
            thread.start()

    def set_callback(self, uuid: str, callback: Callable[[Any, bytearray], None]) -> None:
        """Gives notifications of the characteristic `uuid` to `callback`."""
        del uuid  # Only the one for answers notifies.
        self._callback = callback

    def write(self, uuid: str, data: bytes) -> None:
        """Writes `data` to the characteristic `uuid`."""
        self._socket.send(radio.WRITE + uuid.encode() + bytes(data))

    def close(self, disconnect: bool = True) -> None:
        """Ends the link."""
        self._closed = True
        for thread in self._threads:
            thread.join()
        if disconnect:
            with contextlib.suppress(OSError):
                self._socket.send(radio.DISCONNECT)
        self._socket.close()

    def _listen(self) -> None:
        self._socket.settimeout(_POLL_SECONDS)
        while not self._closed:
            try:
                data = self._socket.recv(radio.MOST_BYTES)
            except socket.timeout:
                continue
            except OSError:  # Nobody listens there now.
                time.sleep(_POLL_SECONDS)
                continue
            if data[:1] == radio.NOTIFY and self._callback is not None:
                try:
                    self._callback(None, bytearray(data[1:]))
                except Exception:  # Spoilt data; as with Bluetooth, the link goes on.
                    continue

    def _stay_alive(self) -> None:
        while not self._closed:
            with contextlib.suppress(OSError):
                self._socket.send(radio.ALIVE)
            time.sleep(radio.ALIVE_SECONDS)


def adapter_to(address: str, port: int) -> Type[UdpAdapter]:
    """Returns an adapter class for the emulator at `address`:`port`."""
    return type('EmulatorAdapter', (UdpAdapter,), {'EMULATOR': (address, port)})


def _ask(link: socket.socket, question: bytes, answer: bytes, seconds: float) -> Optional[bytes]:
    """Returns what follows the letter `answer`, or None if nothing comes in time."""
    deadline = time.monotonic() + seconds
    link.settimeout(_POLL_SECONDS)
    while time.monotonic() < deadline:
        try:
            link.send(question)
            data = link.recv(radio.MOST_BYTES)
        except socket.timeout:
            continue
        except OSError:
            time.sleep(_POLL_SECONDS)
            continue
        if data[:1] == answer:
            return data[1:]
    return None
