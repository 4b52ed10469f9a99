"""Keeps the motors as the guardian wants them, over a radio link that may block and break."""

from __future__ import annotations

import collections
import importlib
import threading
import time
from typing import Any, Counter, Optional, Tuple

from robot_envs.sphero.connection import SpheroConnection
from robot_envs.sphero.limits import SpheroLimits

Motors = Tuple[int, int]
OFF: Motors = (0, 0)
_REST = (OFF, 0)
_PING_SECONDS = 0.25
_BATTERY_SECONDS = 5.0
_AGAIN_SECONDS = 0.3
_END_SECONDS = 5.0


class OllieLink:
    """Finds the robot, prepares it and sends it the wanted motors, in a thread of its own.

    What is wanted now is sent again until the robot has confirmed it; what was wanted before is
    forgotten. A robot at rest is told so again and again; a moving one is asked whether it is
    there, which does not lengthen its movement. The link is made anew when it breaks, motors off.

    Attributes:
        heard: when the robot answered last, in seconds of the machine's clock; 0 is never.
        battery_low: whether it says so.
        trouble: the last reason why there was no link, one line.
        counts: of 'connects' and 'retries'.
    """

    def __init__(self, connection: SpheroConnection, limits: SpheroLimits):
        """Begins to look for the robot; returns at once.

        Raises:
            RobotError: the extra is not installed.
        """
        # Here, and not above: the package is an extra.
        self._ollie = importlib.import_module('robot_envs.sphero.ollie')
        self._connection, self._limits = connection, limits
        self._wanted = _REST
        self._done: Optional[Tuple[Motors, int]] = _REST  # What the robot has confirmed.
        self._changed = threading.Condition()
        self._closed = False
        self.heard = 0.0
        self.battery_low = False
        self.trouble = ''
        self.counts: Counter[str] = collections.Counter(connects=0, retries=0)
        self._thread = threading.Thread(target=self._run, name='radio link', daemon=True)
        self._thread.start()

    def drive(self, motors: Motors, command: int = 0) -> None:
        """Wants the motors so from now on, -255 to 255; does not wait.

        Args:
            motors: left and right.
            command: number of the command that wants it; another one is sent although the motors
                stay the same, or the robot's motion timeout would end it.
        """
        with self._changed:
            if (motors, command) != self._wanted:
                self._wanted = motors, command
                self._changed.notify_all()

    def close(self) -> None:
        """Switches the motors off and ends the link; gives up after some seconds."""
        with self._changed:
            self._wanted = _REST
            self._closed = True
            self._changed.notify_all()
        self._thread.join(_END_SECONDS)

    def _run(self) -> None:
        while not self._closed:
            try:
                with self._ollie.find(self._connection) as toy:
                    self._prepare(toy)
                    self._serve(toy)
            except Exception as error:  # Bluetooth stacks raise what they like; there is no link.
                self.trouble = ' '.join(str(error).split()) or type(error).__name__
            with self._changed:
                self._changed.wait_for(lambda: self._closed, _AGAIN_SECONDS)

    def _prepare(self, toy: Any) -> None:
        self._ollie.prepare(toy, self._limits)
        self.battery_low = self._ollie.battery_is_low(toy)
        self.heard = time.monotonic()
        self.counts['connects'] += 1

    def _serve(self, toy: Any) -> None:
        """Returns when the link is closed; raises when the robot has been silent for too long."""
        self._done = _REST
        battery_due = time.monotonic() + _BATTERY_SECONDS
        while True:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._wanted != self._done or self._closed, _PING_SECONDS)
                wanted, closed = self._wanted, self._closed
            try:
                if wanted != self._done or wanted == _REST:
                    self._ollie.drive(toy, wanted[0])
                else:
                    toy.ping()
                self._done = wanted
                if time.monotonic() > battery_due:
                    self.battery_low = self._ollie.battery_is_low(toy)
                    battery_due = time.monotonic() + _BATTERY_SECONDS
                self.heard = time.monotonic()
                if closed:
                    return
            except Exception:  # No confirmation in time, or not this one.
                self._done = None
                self.counts['retries'] += 1
                silent = time.monotonic() - self.heard
                if silent > self._connection.reconnect_seconds or closed and silent > _END_SECONDS:
                    raise
