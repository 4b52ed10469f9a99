"""The vendor protocol's own client, spherov2; imported only where a robot is driven."""

from __future__ import annotations

import importlib
import time
from typing import Any, Tuple

from robot_envs.errors import RobotError
from robot_envs.sphero.connection import SpheroConnection
from robot_envs.sphero.limits import SpheroLimits
from robot_envs.sphero.udp_adapter import adapter_to

try:
    from spherov2.commands.core import PowerStates
    from spherov2.controls import RawMotorModes
    from spherov2.scanner import ToyNotFoundError, find_toy
    from spherov2.toy.ollie import Ollie
    if not hasattr(Ollie, 'set_motion_timeout'):
        raise ImportError('spherov2 without set_motion_timeout')
except ImportError as missing:
    raise RobotError("a real or emulated Sphero needs the extra 'sphero': pip install '.[sphero]' "
                     f'({missing})') from missing

_STOP_ON_DISCONNECT = 0  # Bit of the temporary options, in Sphero's API 1.20.


class PatientOllie(Ollie):
    """spherov2's Ollie, whose calls give up on an answer after less than its 10 s.

    A lost packet would otherwise delay the one that switches the motors off.
    """

    answer_seconds = 0.3

    def _wait_packet(self, key, timeout=10.0, check_error=False):
        return super()._wait_packet(key, min(timeout, self.answer_seconds), check_error=True)


def find(connection: SpheroConnection) -> PatientOllie:
    """Returns the robot, not yet connected: it is a context manager, and blocks.

    Raises:
        ConnectionError: there is none.
    """
    if connection.emulator:
        host, _, port = connection.emulator.rpartition(':')
        adapter: Any = adapter_to(host, int(port))
    else:
        adapter = importlib.import_module('spherov2.adapter.bleak_adapter').BleakAdapter
    try:
        toy = find_toy(toy_name=connection.name or None, toy_types=[PatientOllie],
                       timeout=connection.scan_seconds, adapter=_quiet(adapter))
    except ToyNotFoundError as error:
        raise ConnectionError(f'no Ollie {connection.name} was found'.replace('  ', ' ')) from error
    toy.answer_seconds = connection.answer_seconds
    return toy


def prepare(toy: PatientOllie, limits: SpheroLimits) -> None:
    """Switches the motors off and the robot's own watchdogs on: without a new command, or without
    the link, it stops by itself.

    Raises:
        Exception: spherov2's, or the radio's.
    """
    toy.wake()
    time.sleep(0.1)
    drive(toy, (0, 0))
    toy.set_stabilization(False)
    options = toy.get_persistent_options()
    if not options.enable_motion_timeout:
        toy.set_persistent_options(options._replace(enable_motion_timeout=True))
    toy.set_motion_timeout(int(limits.motion_timeout_seconds * 1000))
    # spherov2 names the bits of the persistent options only.
    none = options._replace(**dict.fromkeys(options._fields, False))
    toy.set_temporary_options(none._replace(**{options._fields[_STOP_ON_DISCONNECT]: True}))


def drive(toy: PatientOllie, motors: Tuple[int, int]) -> None:
    """Sets both motors, -255 to 255; 0 is off."""
    modes = [RawMotorModes.OFF if raw == 0 else RawMotorModes.FORWARD if raw > 0
             else RawMotorModes.REVERSE for raw in motors]
    toy.set_raw_motors(modes[0], abs(motors[0]), modes[1], abs(motors[1]))


def battery_is_low(toy: PatientOllie) -> bool:
    """Returns whether the robot says that its battery is nearly empty."""
    return toy.get_power_state().state in (PowerStates.LOW, PowerStates.CRITICAL)


def _quiet(adapter: Any) -> Any:
    """Returns the adapter class with a `write` that raises nothing.

    It runs in a thread of spherov2's, which an error would end with a traceback; that no answer
    comes says as much.
    """
    class Quiet(adapter):
        def write(self, uuid, data):
            try:
                super().write(uuid, data)
            except Exception:
                return
    return Quiet
