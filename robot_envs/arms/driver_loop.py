"""Runs an arm's driver for a guardian."""

from __future__ import annotations

import json
import socket
import time
from typing import Any, Dict, Optional

import numpy as np

from robot_envs.arms.arm_driver import ArmDriver
from robot_envs.arms.driver_error import DriverError
from robot_envs.guardian.fault import Fault

_MESSAGE_BYTES = 65536


class DriverLoop:
    """Does in every period what the guardian said last, and tells it the arm's state.

    The guardian sends JSON objects over a SOCK_SEQPACKET socket: {'do': 'servo', 'pose': (6,),
    'gripper': 0 to 1}, {'do': 'stop'} and {'do': 'recover'}; each of the first two holds until the
    next. Without one for `silent_seconds` the arm is stopped, and when the guardian is gone the
    loop ends with a stop. States have 'state' (see `ArmState`; None before there is one), 'fault'
    (None or name, text, person) and 'recovered', how many recoveries are over.
    """

    def __init__(self, driver: ArmDriver, guardian: socket.socket, *, period_seconds: float,
                 silent_seconds: float):
        """Takes over both."""
        self._driver = driver
        self._guardian = guardian
        self._period = period_seconds
        self._silent = silent_seconds
        self._order: Dict[str, Any] = {'do': 'stop'}
        self._ordered = time.monotonic()
        self._connected = False
        self._recovered = 0
        self._gone = False
        guardian.setblocking(False)

    def run(self) -> None:
        """Returns when the guardian is gone and the arm stands."""
        problem = self._try(self._connect)
        due = time.monotonic()
        try:
            while not self._gone:
                if self._listen():
                    problem = self._try(self._recover)
                    self._recovered += 1
                if self._connected and problem is None:
                    problem = self._try(self._act)
                if self._connected and problem is not None:
                    self._try(self._driver.stop)
                self._tell(problem)
                due = max(due + self._period, time.monotonic() - self._period)
                time.sleep(max(0.0, due - time.monotonic()))
        finally:
            self._driver.close()

    def _connect(self) -> None:
        self._driver.connect()
        self._connected = True

    def _recover(self) -> None:
        self._order = {'do': 'stop'}
        self._driver.recover()
        self._connected = True

    def _act(self) -> None:
        fault = self._driver.fault()
        if fault is not None:
            raise DriverError(fault)
        if self._order['do'] == 'servo' and time.monotonic() - self._ordered < self._silent:
            self._driver.servo(np.array(self._order['pose']), self._order['gripper'])
        else:
            self._driver.stop()

    def _listen(self) -> bool:
        """Takes orders; returns whether to recover."""
        recover = False
        while True:
            try:
                data = self._guardian.recv(_MESSAGE_BYTES)
            except BlockingIOError:
                return recover
            except OSError:
                data = b''
            if not data:
                self._gone = True
                return False
            order = json.loads(data)
            if order['do'] == 'recover':
                recover = True
            else:
                self._order, self._ordered = order, time.monotonic()

    def _tell(self, problem: Optional[Fault]) -> None:
        state, fault = None, problem
        if self._connected:
            try:
                state = {name: value.tolist() if isinstance(value, np.ndarray) else value
                         for name, value in self._driver.state()._asdict().items()}
                fault = problem or self._driver.fault()
            except DriverError as error:
                fault = problem or error.fault
        message = {'state': state, 'recovered': self._recovered,
                   'fault': fault and [fault.name, fault.text, fault.person]}
        try:
            self._guardian.send(json.dumps(message).encode())
        except BlockingIOError:
            pass  # It has not read the ones before.
        except OSError:
            self._gone = True

    def _try(self, what) -> Optional[Fault]:
        """Returns why it did not work, or None."""
        try:
            what()
        except DriverError as error:
            return error.fault
        return None
