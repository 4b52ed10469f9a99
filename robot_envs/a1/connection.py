"""How the A1 is reached and driven."""

from __future__ import annotations

import dataclasses
from typing import Tuple

import gin

from robot_envs.a1 import low_level
from robot_envs.errors import RobotError


@gin.configurable
@dataclasses.dataclass(frozen=True)
class A1Connection:
    """Where the motor board is, and the gains of its servos.

    Attributes:
        address: of the motor board.
        port: of the motor board.
        local_port: of this machine; 0 is any.
        connect_seconds: how long to wait for its first packet.
        recover_seconds: how long a reset waits for what a fault was about to be right again.
        period_seconds: a packet is sent this often, .001 to .01.
        kp: of hip, thigh and calf, in newton metres a radian.
        kd: of hip, thigh and calf, in newton metre seconds a radian.
    """

    address: str = '192.168.123.10'
    port: int = low_level.ROBOT_PORT
    local_port: int = low_level.LOCAL_PORT
    connect_seconds: float = 5.0
    recover_seconds: float = 5.0
    period_seconds: float = 0.002
    kp: Tuple[float, ...] = (80.0, 80.0, 80.0)
    kd: Tuple[float, ...] = (1.0, 2.0, 2.0)

    def __post_init__(self):
        if not 0.001 <= self.period_seconds <= 0.01:
            raise RobotError('A1Connection.period_seconds must be .001 to .01, not '
                             f'{self.period_seconds}')
        for name, top in (('kp', 200), ('kd', 20)):
            gains = getattr(self, name)
            if len(gains) != 3 or not all(0 <= gain <= top for gain in gains):
                raise RobotError(f'A1Connection.{name} must be three numbers (hip, thigh, calf) '
                                 f'of 0 to {top}, not {gains}')
