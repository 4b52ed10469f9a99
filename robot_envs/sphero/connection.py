"""How the Sphero is reached."""

from __future__ import annotations

import dataclasses

import gin
import numpy as np

from robot_envs.errors import RobotError

EMULATOR_PORT = 7451


@gin.configurable
@dataclasses.dataclass(frozen=True)
class SpheroConnection:
    """Which robot, over what.

    Attributes:
        name: of the robot, as it shows itself by Bluetooth ('2B-1A2B'); '' is the first Ollie.
        emulator: host:port of an emulator's radio link; '' is Bluetooth.
        connect_seconds: how long to wait for its first answer and the first picture.
        scan_seconds: how long to look for the robot at a time.
        answer_seconds: it confirms every packet within this, or the packet is sent again.
        reconnect_seconds: without an answer for so long, the link is made anew.
    """

    name: str = ''
    emulator: str = ''
    connect_seconds: float = 30.0
    scan_seconds: float = 5.0
    answer_seconds: float = 0.3
    reconnect_seconds: float = 3.0

    def __post_init__(self):
        for name in ('connect_seconds', 'scan_seconds', 'answer_seconds', 'reconnect_seconds'):
            if not 0 < getattr(self, name) < np.inf:
                raise RobotError(f'SpheroConnection.{name} must be positive, not '
                                 f'{getattr(self, name)}')
        host, _, port = self.emulator.rpartition(':')
        if self.emulator and not (host and port.isdigit() and 0 < int(port) < 65536):
            raise RobotError(f"SpheroConnection.emulator must be host:port, not '{self.emulator}'")
