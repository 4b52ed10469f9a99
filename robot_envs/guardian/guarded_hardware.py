"""A robot behind its guardian, as an environment sees it."""

from __future__ import annotations

import math
import time
from typing import Any, Dict, Optional

import numpy as np

from robot_envs.emulators.emulator_process import EmulatorProcess
from robot_envs.errors import RobotError
from robot_envs.guardian.guardian import FAULT, WAITING
from robot_envs.guardian.guardian_client import GuardianClient
from robot_envs.guardian.times import GuardianTimes
from robot_envs.robot import Reading, Robot

_POLL_SECONDS = 0.02


class GuardedHardware(Robot):
    """What all robots share whose guardian alone talks to them.

    Neither a busy learner nor its death is felt by the robot. After a fault every command and every
    reading is refused with the fault's line; `connect` goes on from it where a program may.
    """

    def __init__(
        self,
        name: str,
        module: str,
        settings: Dict[str, Any],
        *,
        times: GuardianTimes,
        connect_seconds: float,
        recovery_seconds: float,
        address: str,
        help_text: str,
        emulator: Optional[EmulatorProcess] = None,
    ):
        """Does not talk to the robot yet.

        Args:
            name: of the robot, for errors.
            module: has `make_guarded(**settings)`.
            settings: what JSON can hold.
            times: of the guardian.
            connect_seconds: how long the robot may take to answer.
            recovery_seconds: how long it may take to recover from a fault.
            address: of the robot, for errors.
            help_text: ends the error when it does not answer.
            emulator: is closed with this.
        """
        self._name = name
        self._module = module
        self._settings = settings
        self._times = times
        self._connect_seconds = connect_seconds
        self._recovery_seconds = recovery_seconds
        self._address = address
        self._help = help_text
        self._emulator = emulator
        self._guardian: Optional[GuardianClient] = None
        self._answer: Dict[str, Any] = {}

    def connect(self) -> None:
        """Waits for the robot, or goes on from a fault. Nothing moves until a command.

        Raises:
            RobotError: the robot does not answer, or a person has to look at it first.
        """
        if self._guardian is None:
            self._guardian = GuardianClient(self._module, self._settings, self._times)
            try:
                self._wait_for_the_robot()
            except BaseException:
                self.close()
                raise
        if self._ask('status')['state'] != FAULT:
            return
        deadline = time.monotonic() + self._recovery_seconds
        while self._ask('recover')['error'] is not None:
            if self._answer['person'] or time.monotonic() > deadline:
                raise RobotError(self._answer['error'])
            time.sleep(_POLL_SECONDS)

    def read(self) -> Reading:
        """Returns the readings of the robot's `constants.py`, float64.

        Raises:
            RobotError: there is a fault; the line says which.
        """
        return self._reading(self._ask('status'))

    def command(self, values: np.ndarray, seconds: float) -> None:
        """Carries out what the robot's `constants.py` says, for `seconds`.

        Raises:
            RobotError: a veto or a fault; the line says which.
        """
        numbers = np.asarray(values, np.float64)
        answer = self._ask('command', seconds=seconds, values=numbers.tolist())
        if answer['error'] is not None:
            raise RobotError(answer['error'])

    def stop(self) -> None:
        """Brings the robot to its safe state; the next command starts from there."""
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
        '..._recoveries', '..._holds' (late heartbeats), '..._late_cycles' and the robot's own,
        and 'observation_age_seconds'.
        """
        counts = {f'guardian_{name}': float(count)
                  for name, count in self._answer.get('counts', {}).items()}
        reading = self._answer.get('reading')
        return {**counts, 'observation_age_seconds': reading['age'] if reading else math.nan}

    def _ask(self, do: str, **message: Any) -> Dict[str, Any]:
        if self._guardian is None:
            raise RobotError(f'{self._name}: not connected; call connect() first')
        self._answer = self._guardian.ask(do, **message)
        return self._answer

    def _wait_for_the_robot(self) -> None:
        deadline = time.monotonic() + self._connect_seconds
        while self._ask('status')['state'] == WAITING:
            if time.monotonic() > deadline:
                bad = self._answer['counts'].get('bad_packets', 0)
                raise RobotError(
                    f'{self._name}: no answer from {self._address} within '
                    f'{self._connect_seconds:g} s ({bad} wrong packets): {self._help}')
            time.sleep(_POLL_SECONDS)
        if self._answer['error'] is not None:
            raise RobotError(self._answer['error'])

    def _reading(self, answer: Dict[str, Any]) -> Reading:
        if answer['state'] == FAULT or answer['error'] is not None:
            raise RobotError(answer['error'] or answer['text'])
        reading = answer['reading']
        return Reading({key: np.array(value) for key, value in reading['values'].items()},
                       reading['time'])
