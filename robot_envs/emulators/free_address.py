"""Loopback addresses for emulators whose clients cannot be told another port."""

from __future__ import annotations

import random
import socket
from typing import Sequence

from robot_envs.errors import RobotError

_TRIES = 50
_random = random.SystemRandom()  # Two programs with the same seed must not find the same address.


def free_address(ports: Sequence[int]) -> str:
    """Returns an address of 127.x.y.z at which all `ports` are free.

    Raises:
        RobotError: there is none, or this user may not listen at one of the ports.
    """
    reason = ''
    for _ in range(_TRIES):
        numbers = _random.randint(16, 250), _random.randint(0, 255), _random.randint(2, 250)
        address = '127.{}.{}.{}'.format(*numbers)
        try:
            for port in ports:
                with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    probe.bind((address, port))
            return address
        except PermissionError as error:
            raise RobotError(f'only root may listen at port {port}, which the emulator needs; or '
                             'allow it: sysctl net.ipv4.ip_unprivileged_port_start=0') from error
        except OSError as error:
            reason = str(error)
    raise RobotError(f'no loopback address with free ports {list(ports)} ({reason})')
