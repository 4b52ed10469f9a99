"""The Unitree A1 itself, or its emulator."""

from __future__ import annotations

import dataclasses
from typing import Dict, Optional

from robot_envs.a1.connection import A1Connection
from robot_envs.a1.limits import A1Limits
from robot_envs.emulators.emulator_process import EmulatorProcess
from robot_envs.guardian.hardware import GuardedHardware
from robot_envs.guardian.times import GuardianTimes


class A1Hardware(GuardedHardware):
    """The robot behind its guardian, which alone talks to it. Readings as in `constants.py`.

    A command is joint angles, (12,) in radians. The guardian sends targets along a straight line
    every 1 to 2 ms from a process of its own, so that neither a busy learner nor its death is felt
    in the joints. In the safe state the joints give way slowly (damping).
    """

    def __init__(
        self,
        *,
        connection: Optional[A1Connection] = None,
        limits: Optional[A1Limits] = None,
        times: Optional[GuardianTimes] = None,
        emulator: Optional[EmulatorProcess] = None,
    ):
        """Does not talk to the robot yet.

        Args:
            connection: as gin sets it if None; so are the others.
            limits: of the guardian.
            times: of the guardian.
            emulator: is closed with this.
        """
        self._connection = connection or A1Connection()
        settings = {'connection': dataclasses.asdict(self._connection),
                    'limits': dataclasses.asdict(limits or A1Limits())}
        super().__init__('robot_envs.a1.guarded_a1', settings, times=times, emulator=emulator,
                         connect_seconds=self._connection.connect_seconds,
                         recover_seconds=self._connection.recover_seconds)

    def _silence(self, counts: Dict[str, int]) -> str:
        at = f'{self._connection.address}:{self._connection.port}'
        return (f'a1: no answer from {at} within {self._connection.connect_seconds:g} s '
                f"({counts['bad_packets']} wrong packets): is it on and in low-level mode, and "
                'this machine in its network? A1Connection.address is the setting')
