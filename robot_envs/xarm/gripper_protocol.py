"""The xArm's own gripper behind the controller's RS485 port, emulated.

The controller passes Modbus RTU on without its checksum: a host, the gripper's number, 3 (read)
or 16 (write), the first register and how many; a write also their bytes. Registers are big-endian.
"""

from __future__ import annotations

import struct
from typing import Dict, Optional

from robot_envs.arms.emulated_arm import EmulatedArm

OPEN, CLOSED = 850, 0  # Of its position.
_READ, _WRITE = 3, 16
_TARGET, _POSITION = 0x0700, 0x0702


class GripperServer:
    """Moves the twin's fingers; other registers keep what was written."""

    def __init__(self, arm: EmulatedArm):
        """Takes the arm whose fingers are meant."""
        self._arm = arm
        self._registers: Dict[int, int] = {}

    def answer(self, data: bytes) -> Optional[bytes]:
        """Returns the answer to a request, None if it is none."""
        if len(data) < 7:
            return None
        host, unit, function, first, count = struct.unpack_from('>BBBHH', data)
        if function == _WRITE:
            values = struct.unpack_from(f'>{count}H', data, 8)
            self._registers.update(zip(range(first, first + count), values))
            if first == _TARGET:
                target, = struct.unpack_from('>i', data, 8)
                self._arm.grip(min(max((OPEN - target) / (OPEN - CLOSED), 0.0), 1.0))
            return struct.pack('>BBBHH', host, unit, function, first, count)
        if function == _READ:
            if first == _POSITION:
                position = round(OPEN + self._arm.gripper * (CLOSED - OPEN))
                values = struct.unpack('>2H', struct.pack('>i', position))
            else:
                values = tuple(self._registers.get(first + index, 0) for index in range(count))
            return struct.pack(f'>BBBB{count}H', host, unit, function, 2 * count, *values)
        return None
