"""The Unitree A1 itself, or its emulator."""

from __future__ import annotations

import dataclasses
import math
import time
from typing import Any, Dict, Optional

import numpy as np

from robot_envs.a1.connection import A1Connection
from robot_envs.a1.limits import A1Limits
from robot_envs.emulators.emulator_process import EmulatorProcess
from robot_envs.errors import RobotError
from robot_envs.guardian.guardian import FAULT, WAITING
from robot_envs.guardian.guardian_client import GuardianClient
from robot_envs.guardian.times import GuardianTimes
from robot_envs.robot import Reading, Robot

_POLL_SECONDS = 0.02


class A1Hardware(Robot):
    """The robot behind its guardian, which alone talks to it. Readings as in `constants.py`.

    The guardian sends targets along a straight line every 1 to 2 ms from a process of its own, so
    that neither a busy learner nor its death is felt in the joints. After a fault every command is
    refused with the fault's line; `connect` goes on from it where a program may.
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
        self._limits = limits or A1Limits()
        self._times = times or GuardianTimes()
        self._emulator = emulator
        self._guardian: Optional[GuardianClient] = None
        self._answer: Dict[str, Any] = {}

    def connect(self) -> None:
        """Waits for the robot, or goes on from a fault. Nothing moves until a command.

        Raises:
            RobotError: the robot does not answer, or a person has to look at it first.
        """
        if self._guardian is None:
            self._guardian = GuardianClient(
                'robot_envs.a1.guarded_a1',
                {'connection': dataclasses.asdict(self._connection),
                 'limits': dataclasses.asdict(self._limits)}, self._times)
            try:
                self._wait_for_the_robot()
            except BaseException:
                self.close()
                raise
        if self._ask('status')['state'] != FAULT:
            return
        deadline = time.monotonic() + 2 * self._times.calm_seconds
        while self._ask('recover')['error'] is not None:
            if self._answer['person'] or time.monotonic() > deadline:
                raise RobotError(self._answer['error'])
            time.sleep(_POLL_SECONDS)

    def read(self) -> Reading:
        """Returns the readings of `constants.py`, float64.

        Raises:
            RobotError: there is a fault; the line says which.
        """
        return self._reading(self._ask('status'))

    def command(self, values: np.ndarray, seconds: float) -> None:
        """Moves towards the joint angles `values`, (12,) in radians, for `seconds`.

        Raises:
            RobotError: a veto or a fault; the line says which.
        """
        angles = np.asarray(values, np.float64)
        answer = self._ask('command', seconds=seconds, values=angles.tolist())
        if answer['error'] is not None:
            raise RobotError(answer['error'])

    def stop(self) -> None:
        """Lets the joints give way slowly (damping); the next command starts from there."""
        if self._guardian is not None:
            self._ask('stop')

    def close(self) -> None:
        """Stops the robot and ends the guardian, and the emulator if there is one."""
        if self._guardian is not None:
            self._guardian.close()
        if self._emulator is not None:
            self._emulator.close()

    def account(self) -> Dict[str, float]:
        """Returns what the guardian counted, and the sensors' age in seconds.

        'guardian_commands', '..._clips', '..._vetoes', '..._overruns', '..._faults',
        '..._recoveries', '..._holds' (late heartbeats), '..._late_cycles', '..._bad_packets', and
        'observation_age_seconds'.
        """
        counts = {f'guardian_{name}': float(count)
                  for name, count in self._answer.get('counts', {}).items()}
        reading = self._answer.get('reading')
        return {**counts, 'observation_age_seconds': reading['age'] if reading else math.nan}

    def _ask(self, do: str, **message: Any) -> Dict[str, Any]:
        if self._guardian is None:
            raise RobotError('a1: not connected; call connect() first')
        self._answer = self._guardian.ask(do, **message)
        return self._answer

    def _wait_for_the_robot(self) -> None:
        deadline = time.monotonic() + self._connection.connect_seconds
        while self._ask('status')['state'] == WAITING:
            if time.monotonic() > deadline:
                at = f'{self._connection.address}:{self._connection.port}'
                bad = self._answer['counts']['bad_packets']
                raise RobotError(
                    f'a1: no answer from {at} within {self._connection.connect_seconds:g} s '
                    f'({bad} wrong packets): is it on and in low-level mode, and this machine in '
                    'its network? A1Connection.address is the setting')
            time.sleep(_POLL_SECONDS)
        if self._answer['error'] is not None:
            raise RobotError(self._answer['error'])

    def _reading(self, answer: Dict[str, Any]) -> Reading:
        if answer['state'] == FAULT or answer['error'] is not None:
            raise RobotError(answer['error'] or answer['text'])
        reading = answer['reading']
        return Reading({key: np.array(value) for key, value in reading['values'].items()},
                       reading['time'])
