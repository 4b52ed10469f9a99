"""What may go wrong between a controller and whoever talks to it."""

from __future__ import annotations

import collections
import random
from typing import Deque, Dict, List, Sequence, Tuple

FAULTS = {
    'lost': 'share of the packets that get lost, both ways',
    'latency': 'seconds that a packet takes longer, both ways',
    'crc': 'share of the sent packets with a wrong checksum',
    'frozen': '1: the same state is sent again and again',
    'temperature': 'degrees Celsius of the motors',
    'disconnect': '1: nothing is heard or sent',
    'hang_up': '1: connections are closed, and new ones too',
    'frozen_camera': '1: the camera sends the same frame again and again',
    'battery': '1: the battery is nearly empty',
    'protective_stop': '1: a protective stop, until a client unlocks it',
    'safety_fault': '1: a fault of the safety system, until a client restarts it',
    'safety_mode': "number of a UR controller's safety mode, 2 to 13, as long as it is ordered",
    'error': 'an error code of the controller, such as 31, until a client cleans it',
    'emergency_stop': '1: the button is pressed; 0: released, the arm stays off',
}
PACKET_FAULTS = ('lost', 'latency', 'crc', 'frozen', 'temperature', 'disconnect')


class Faults:
    """Loses, delays and spoils packets as it was told; without orders it changes nothing.

    Attributes:
        values: {name of `FAULTS`: value}, only those that are on.
    """

    def __init__(self, *, seed: int = 0, names: Sequence[str] = PACKET_FAULTS):
        """Nothing is wrong yet.

        Args:
            seed: of what gets lost.
            names: of `FAULTS`, what can be ordered.
        """
        self._names = tuple(names)
        self.values: Dict[str, float] = {}
        self._random = random.Random(seed)
        self._under_way: Dict[str, Deque[Tuple[float, bytes]]] = {
            'in': collections.deque(), 'out': collections.deque()}
        self._last = b''

    def set(self, name: str, value: float) -> None:
        """Switches a fault on, or off with 0; the name 'clear' switches all off.

        Raises:
            ValueError: there is no such fault.
        """
        if name == 'clear':
            self.values.clear()
        elif name not in self._names:
            raise ValueError(f"unknown fault '{name}'; choose one of: clear, "
                             f"{', '.join(self._names)}")
        elif value:
            self.values[name] = value
        else:
            self.values.pop(name, None)

    def incoming(self, packets: List[bytes], now: float) -> List[bytes]:
        """Returns what of `packets` and of those before comes through at the time `now`."""
        return self._through('in', packets, now)

    def outgoing(self, packet: bytes, now: float) -> List[bytes]:
        """Returns what is sent at the time `now` when `packet` should be."""
        if self.values.get('frozen') and self._last:
            packet = self._last
        self._last = packet
        if self._random.random() < self.values.get('crc', 0):
            packet = packet[:-1] + bytes([packet[-1] ^ 0xFF])
        return self._through('out', [packet], now)

    def due(self, now: float) -> List[bytes]:
        """Returns what was to be sent before and goes out by the time `now`."""
        return self._through('out', [], now)

    def _through(self, way: str, packets: List[bytes], now: float) -> List[bytes]:
        queue = self._under_way[way]
        due = now + self.values.get('latency', 0)
        lost = 1.0 if self.values.get('disconnect') else self.values.get('lost', 0)
        queue.extend((due, p) for p in packets if self._random.random() >= lost)
        through = []
        while queue and queue[0][0] <= now:
            through.append(queue.popleft()[1])
        return through
