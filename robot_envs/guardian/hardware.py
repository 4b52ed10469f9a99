"""A robot behind its guardian, as an environment sees it."""

from __future__ import annotations

import abc
import math
import time
from typing import Any, Dict, Optional

import numpy as np

from robot_envs.emulators.emulator_process import EmulatorProcess
from robot_envs.errors import RobotError, RobotFault
from robot_envs.guardian.guardian import FAULT, HOLDING, MOVING, WAITING
from robot_envs.guardian.guardian_client import GuardianClient
from robot_envs.guardian.times import GuardianTimes
from robot_envs.robot import Reading, Robot

_POLL_SECONDS = 0.02


class GuardedHardware(Robot):
    """Starts the guardian, which alone talks to the robot, and asks it.

    After a fault every command and reading is refused with the fault's line; `connect` goes on from
    it where a program may.
    """

    def __init__(
        self,
        module: str,
        settings: Dict[str, Any],
        *,
        connect_seconds: float,
        recover_seconds: float = 0.0,
        times: Optional[GuardianTimes] = None,
        emulator: Optional[EmulatorProcess] = None,
    ):
        """Does not talk to the robot yet.

        Args:
            module: has `make_guarded(**settings)`.
            settings: what JSON can hold.
            connect_seconds: how long to wait for the robot's first word.
            recover_seconds: how long what was wrong may take to be right again, when asked to go
                on, beside `GuardianTimes.calm_seconds`.
            times: of the guardian; as gin sets it if None.
            emulator: is closed with this.
        """
        self._module, self._settings = module, settings
        self._connect_seconds, self._recover_seconds = connect_seconds, recover_seconds
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
            self._guardian = GuardianClient(self._module, self._settings, self._times)
            try:
                self._wait_for_the_robot()
            except BaseException:
                self.close()
                raise
        if self._ask('status')['state'] != FAULT:
            return
        deadline = time.monotonic() + self._recover_seconds + 2 * self._times.calm_seconds
        while self._ask('recover')['error'] is not None:
            if self._answer['person'] or time.monotonic() > deadline:
                raise RobotError(self._answer['error'])
            time.sleep(_POLL_SECONDS)

    def read(self) -> Reading:
        """Returns the readings of the robot's `constants.py`.

        Raises:
            RobotFault: there is a fault; the line says which.
        """
        answer = self._ask('status')
        self._refuse(answer)
        if answer['state'] == FAULT:
            raise RobotFault(answer['text'], person=answer['person'])
        reading = answer['reading']
        return Reading(self._values(reading['values']), reading['time'])

    def command(self, values: np.ndarray, seconds: float) -> None:
        """Has the guardian carry `values` out and returns when `seconds` have passed.

        Raises:
            RobotError: a veto; the line says which.
            RobotFault: a fault.
        """
        numbers = np.asarray(values, np.float64)
        self._refuse(self._ask('command', seconds=seconds, values=numbers.tolist()))

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

    def follows(self) -> bool:
        """Returns whether the robot has not been in its safe state since the last command."""
        return self._ask('status')['state'] in (MOVING, HOLDING)

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

    @abc.abstractmethod
    def _silence(self, counts: Dict[str, int]) -> str:
        """Returns the line for a robot that has never answered."""

    def _values(self, values: Dict[str, Any]) -> Dict[str, np.ndarray]:
        """Returns the sensors' values from what JSON held."""
        return {key: np.array(value) for key, value in values.items()}

    def _ask(self, do: str, **message: Any) -> Dict[str, Any]:
        if self._guardian is None:
            raise RobotError('the robot is not connected; call connect() first')
        self._answer = self._guardian.ask(do, **message)
        return self._answer

    def _refuse(self, answer: Dict[str, Any]) -> None:
        """Raises what the answer tells of, if it does."""
        if answer['error'] is None:
            return
        if answer['state'] == FAULT:
            raise RobotFault(answer['error'], person=answer['person'])
        raise RobotError(answer['error'])

    def _wait_for_the_robot(self) -> None:
        deadline = time.monotonic() + self._connect_seconds
        while self._ask('status')['state'] == WAITING:
            if time.monotonic() > deadline:
                raise RobotError(self._silence(self._answer['counts']))
            time.sleep(_POLL_SECONDS)
        if self._answer['error'] is not None:
            raise RobotError(self._answer['error'])
