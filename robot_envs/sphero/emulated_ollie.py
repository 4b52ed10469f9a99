"""What an Ollie does with its packets."""

from __future__ import annotations

import struct
from typing import Dict, List, Tuple

from robot_envs.sphero import v1_packets as v1

_ANTI_DOS, _ANTI_DOS_WORD = '22bb746f-2bbd-7554-2d6f-726568705327', b'011i3'
_COMMANDS = '22bb746f-2ba1-7554-2d6f-726568705327'
_CORE, _SPHERO = 0, 2
_BATTERY_OK, _BATTERY_LOW = 2, 3
_FORWARD, _REVERSE, _IGNORE = 1, 2, 4
_MOTION_TIMEOUT_OPTION = 0x10
_STOP_ON_DISCONNECT_OPTION = 0x01
_DEFAULT_TIMEOUT_SECONDS = 2.0


class EmulatedOllie:
    """Answers requests and keeps the motors' power; it obeys nothing before the anti-DoS word.

    Its own watchdogs are off until a client switches them on, as with the robot: the motion timeout
    (motors off so long after the last motor command) and the stop on disconnect.

    Attributes:
        motors: power of left and right, -255 to 255.
        battery_low: what it says about its battery.
        moved_at: when a motor command came last.
        commands: motor commands so far.
    """

    def __init__(self):
        """Awake, motors off."""
        self.motors: Tuple[int, int] = (0, 0)
        self.battery_low = False
        self.moved_at = 0.0
        self.commands = 0
        self._timeout = _DEFAULT_TIMEOUT_SECONDS
        self._options: Dict[int, int] = {53: 0, 55: 0}  # Set by the command; the next one gets.
        self._is_open = False
        self._collector = v1.RequestCollector()

    def connect(self) -> None:
        """A client has connected."""
        self._is_open = False
        self._collector = v1.RequestCollector()

    def disconnect(self) -> None:
        """The link is down."""
        self._is_open = False
        if self._options[55] & _STOP_ON_DISCONNECT_OPTION:
            self._options[55] &= ~_STOP_ON_DISCONNECT_OPTION  # It holds once.
            self.motors = (0, 0)

    def step(self, now: float) -> None:
        """Looks at its own watchdog."""
        has_timeout = self._options[53] & _MOTION_TIMEOUT_OPTION
        if has_timeout and now - self.moved_at > self._timeout:
            self.motors = (0, 0)

    def write(self, uuid: str, data: bytes, now: float) -> List[bytes]:
        """Returns what it notifies when `data` is written to the characteristic `uuid`."""
        if uuid == _ANTI_DOS:
            self._is_open = data == _ANTI_DOS_WORD
        if uuid != _COMMANDS or not self._is_open:
            return []
        answers = []
        for request in self._collector.add(data):
            result, values = (v1.BAD_CHECKSUM, b'')
            if request.is_valid:
                result, values = self._obey(request, now)
            if request.wants_answer:
                answers.append(v1.answer(result, request.sequence, values))
        return answers

    def _obey(self, request: v1.Request, now: float) -> Tuple[int, bytes]:
        device, command, data = request.device, request.command, request.data
        if (device, command) == (_CORE, 1):  # Ping.
            return v1.OK, b''
        if (device, command) == (_CORE, 32):
            state = _BATTERY_LOW if self.battery_low else _BATTERY_OK
            return v1.OK, struct.pack('>2B3H', 1, state, 650 if self.battery_low else 780, 10, 100)
        if device != _SPHERO:
            return v1.UNKNOWN_COMMAND, b''
        if command == 2:  # Stabilisation: the twin does not lean.
            return v1.OK, b''
        if command == 51:
            left, right = (_power(data[i], data[i + 1], self.motors[i // 2]) for i in (0, 2))
            self.motors, self.moved_at = (left, right), now
            self.commands += 1
            return v1.OK, b''
        if command == 52:
            self._timeout = struct.unpack('>H', data)[0] / 1000
            return v1.OK, b''
        if command in (53, 55):
            self._options[command] = struct.unpack('>I', data)[0]
            return v1.OK, b''
        if command in (54, 56):
            return v1.OK, struct.pack('>I', self._options[command - 1])
        return v1.UNKNOWN_COMMAND, b''


def _power(mode: int, speed: int, before: int) -> int:
    return {_FORWARD: speed, _REVERSE: -speed, _IGNORE: before}.get(mode, 0)
