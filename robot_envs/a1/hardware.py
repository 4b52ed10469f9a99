"""The Unitree A1 itself, or its emulator."""

from __future__ import annotations

import dataclasses
from typing import Optional

from robot_envs.a1.connection import A1Connection
from robot_envs.a1.limits import A1Limits
from robot_envs.emulators.emulator_process import EmulatorProcess
from robot_envs.guardian.guarded_hardware import GuardedHardware
from robot_envs.guardian.times import GuardianTimes


class A1Hardware(GuardedHardware):
    """The robot behind its guardian. Readings and commands as in `constants.py`.

    The guardian sends targets along a straight line every 1 to 2 ms from a process of its own, so
    that neither a busy learner nor its death is felt in the joints. `stop` lets them give way
    slowly (damping).
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
        connection = connection or A1Connection()
        times = times or GuardianTimes()
        super().__init__(
            'a1', 'robot_envs.a1.guarded_a1',
            {'connection': dataclasses.asdict(connection),
             'limits': dataclasses.asdict(limits or A1Limits())},
            times=times, connect_seconds=connection.connect_seconds,
            recovery_seconds=2 * times.calm_seconds, emulator=emulator,
            address=f'{connection.address}:{connection.port}',
            help_text='is it on and in low-level mode, and this machine in its network? '
            'A1Connection.address is the setting')
