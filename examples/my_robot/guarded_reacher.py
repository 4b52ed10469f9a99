"""The guardian's end of the real arm: its motor board over UDP, and its limits.

The board is made up: every 10 ms it sends {"time": s, "angles": [2], "speeds": [2]} as JSON to
whoever told it {"speeds": [2]} last, and stops its motors by itself when it is told nothing for
0.1 s. Yours has another protocol, but must have such a timeout: it is what stops the arm when this
process is killed.
"""

from __future__ import annotations

import json
import socket
from typing import Any, Dict, Optional

import numpy as np

from robot_envs.errors import RobotError
from robot_envs.guardian.fault import Fault
from robot_envs.guardian.guarded_robot import GuardedRobot
from robot_envs.guardian.sensor_age import SensorAge

_PERIOD_SECONDS = 0.01
_PACKET_BYTES = 2048


class GuardedReacher(GuardedRobot):
    """Tells the board the speeds of both joints in every period; the safe state is speed 0."""

    def __init__(self, *, address: str, port: int, fastest: float, longest_seconds: float,
                 stale_seconds: float):
        """Opens the socket.

        Args:
            address: of the board.
            port: of the board.
            fastest: a joint may have this speed, in radians a second; one that is measured to have
                half as much again is a fault.
            longest_seconds: a command takes at most this.
            stale_seconds: sensors may be this old.

        Raises:
            RobotError: there is no such address.
        """
        super().__init__(period_seconds=_PERIOD_SECONDS)
        self._fastest, self._longest, self._stale = fastest, longest_seconds, stale_seconds
        self._state: Optional[Dict[str, Any]] = None
        self._age = SensorAge()
        self._speeds = np.zeros(2)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        try:
            self._socket.connect((address, port))
        except (OSError, OverflowError) as error:
            self._socket.close()
            raise RobotError(f"reacher: cannot use {address}:{port} ({error})") from error

    @property
    def is_heard(self) -> bool:
        """Whether the board has ever sent something that makes sense."""
        return self._state is not None

    def receive(self, now: float) -> Optional[Fault]:
        """Takes in all packets; returns the worst of what is wrong."""
        while True:
            try:
                data = self._socket.recv(_PACKET_BYTES)
            except OSError:  # There are no more, or nobody listens there.
                break
            try:
                state = _parse(data)
            except (ValueError, KeyError, TypeError):
                self.counts["bad_packets"] += 1
                continue
            if self._age.take(state["time"], now):
                self._state = state
        return self._judge(now) if self.is_heard else None

    def begin(self, values: Any, seconds: float, *, go_on: bool) -> None:
        """Takes the speeds, (2,) in radians a second; clips them to the limit."""
        del go_on  # A speed does not start anywhere; a target angle would.
        wanted = np.asarray(values, np.float64)
        if wanted.shape != (2,) or not np.isfinite(wanted).all():
            raise ValueError("reacher: a command must be 2 finite speeds")
        if not 0 < seconds <= self._longest:
            raise ValueError(f"reacher: a command of {seconds:g} s; it may take up to "
                             f"{self._longest:g} s")
        self._speeds = np.clip(wanted, -self._fastest, self._fastest)
        self.counts["clips"] += bool(np.any(self._speeds != wanted))

    def move(self, fraction: float) -> None:
        """Tells the speeds, whatever the fraction: they have no way between."""
        self._send(self._speeds)

    def hold(self) -> None:
        """Stands: a speed that is held goes on moving."""
        self._send(np.zeros(2))

    def damp(self) -> None:
        """Stands."""
        self._send(np.zeros(2))

    def reading(self, now: float) -> Dict[str, Any]:
        """Returns the readings of `constants.py` as lists, their time and age in seconds."""
        values = {key: self._state[key] for key in ("angles", "speeds")}
        return {"values": values, "time": self._state["time"], "age": self._age.seconds(now)}

    def close(self) -> None:
        """Closes the socket."""
        self._socket.close()

    def _judge(self, now: float) -> Optional[Fault]:
        age, speed = self._age.seconds(now), float(np.abs(self._state["speeds"]).max())
        if age > self._stale:
            return Fault("stale", f"reacher: the sensors are {age:.3f} s old, the limit is "
                         f"{self._stale:g}")
        if speed > 1.5 * self._fastest:
            return Fault("velocity", f"reacher: a joint turns at {speed:.1f} rad/s: look what "
                         "drives it", person=True)
        return None

    def _send(self, speeds: np.ndarray) -> None:
        try:
            self._socket.send(json.dumps({"speeds": speeds.tolist()}).encode())
        except OSError:
            pass  # Nobody listens, or the cable is out: the sensors will be stale.


def _parse(data: bytes) -> Dict[str, Any]:
    """What a packet says, as floats and lists of them; whatever it is not raises an error."""
    state = json.loads(data)
    time, angles, speeds = (
        np.array(state[key], np.float64) for key in ("time", "angles", "speeds"))
    if (time.shape, angles.shape, speeds.shape) != ((), (2,), (2,)):
        raise ValueError("a time, two angles and two speeds are expected")
    if not all(np.isfinite(values).all() for values in (time, angles, speeds)):
        raise ValueError("a number is not finite")
    return {"time": float(time), "angles": angles.tolist(), "speeds": speeds.tolist()}


def make_guarded(**settings: Any) -> GuardedReacher:
    """Returns the robot for the guardian's process, from what its client sent."""
    return GuardedReacher(**settings)
