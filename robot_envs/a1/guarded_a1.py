"""The guardian's end of the A1: its motor board over UDP, and its limits."""

from __future__ import annotations

import socket
from typing import Any, Dict, Optional

import numpy as np

from robot_envs.a1 import constants, low_level
from robot_envs.a1.connection import A1Connection
from robot_envs.a1.joint_targets import safe_target
from robot_envs.a1.limits import A1Limits
from robot_envs.a1.velocity_estimate import VelocityEstimate
from robot_envs.errors import RobotError
from robot_envs.guardian.fault import Fault
from robot_envs.guardian.guarded_robot import GuardedRobot
from robot_envs.guardian.sensor_age import SensorAge

_TICK_SECONDS = 1e-3
_PACKET_BYTES = 2048


class GuardedA1(GuardedRobot):
    """Sends a packet in every period, and holds what comes back against `A1Limits`.

    Damping is what the motors do by themselves in mode 0.
    """

    def __init__(self, connection: A1Connection, limits: A1Limits):
        """Opens the socket.

        Raises:
            RobotError: the address is none, or the local port is taken.
        """
        super().__init__(period_seconds=connection.period_seconds)
        self._connection = connection
        self._limits = limits
        self._low = np.tile(limits.target_low_radians, constants.NUM_LEGS)
        self._high = np.tile(limits.target_high_radians, constants.NUM_LEGS)
        self._state: Optional[np.ndarray] = None
        self._velocity_estimate = VelocityEstimate()
        self._velocity = np.zeros(3)
        self._age = SensorAge()
        self._start = self._end = self._target = np.zeros(constants.NUM_JOINTS)
        self._damping = low_level.damping_command()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        try:
            self._socket.bind(('', connection.local_port))
            self._socket.connect((connection.address, connection.port))
        except (OSError, OverflowError) as error:
            self._socket.close()
            raise RobotError(
                f'a1: cannot use {connection.address}:{connection.port} from local port '
                f'{connection.local_port} ({error}); see A1Connection') from error

    @property
    def is_heard(self) -> bool:
        """Whether a valid packet has ever come."""
        return self._state is not None

    def receive(self, now: float) -> Optional[Fault]:
        """Takes in all packets; returns the worst of what is wrong."""
        while True:
            try:
                data = self._socket.recv(_PACKET_BYTES)
            except BlockingIOError:
                break
            except OSError:  # "Connection refused": nobody listens there.
                break
            try:
                self._take(low_level.unseal(data, low_level.LOW_STATE), now)
            except ValueError:
                self.counts['bad_packets'] += 1
        return self._judge(now) if self.is_heard else None

    def begin(self, values: Any, seconds: float, *, go_on: bool) -> None:
        """Takes target angles, (12,) in radians; clips them to the limits."""
        wanted = np.asarray(values, np.float64)
        limits = self._limits
        if wanted.shape != (constants.NUM_JOINTS,) or not np.isfinite(wanted).all():
            raise ValueError('a1: a command must be 12 finite angles')
        if not limits.shortest_seconds <= seconds <= limits.longest_seconds:
            raise ValueError(f'a1: a command of {seconds:g} s; it may take '
                             f'{limits.shortest_seconds:g} to {limits.longest_seconds:g} s')
        start = self._end if go_on else self._angles()
        end = np.clip(wanted, start - limits.step_radians, start + limits.step_radians)
        end = np.clip(end, self._low, self._high)
        self.counts['clips'] += bool(np.any(end != wanted))
        self._start, self._end = start, end

    def move(self, fraction: float) -> None:
        """Sends the target on the straight line, within reach of the measured angles."""
        self._target = self._start + fraction * (self._end - self._start)
        self.hold()

    def hold(self) -> None:
        """Sends the last target, within reach of the measured angles."""
        target = safe_target(self._target, self._target, 1.0, self._angles())
        target = np.clip(target, self._low, self._high)
        self._send(low_level.servo_command(target, self._connection.kp, self._connection.kd))

    def damp(self) -> None:
        """Sends mode 0 to all motors."""
        self._send(self._damping)

    def reading(self, now: float) -> Dict[str, Any]:
        """Returns the readings of `constants.py` as lists, their time and age in seconds."""
        state = self._state
        values = {
            'orientation': state['quaternion'],
            'angular_velocity': state['gyro'],
            'velocity': self._velocity,
            'joint_angles': self._angles(),
        }
        return {'values': {key: value.tolist() for key, value in values.items()},
                'time': float(state['tick']) * _TICK_SECONDS, 'age': self._age.seconds(now)}

    def close(self) -> None:
        """Closes the socket."""
        self._socket.close()

    def _angles(self) -> np.ndarray:
        return self._state['motor']['q'][:constants.NUM_JOINTS].astype(np.float64)

    def _take(self, state: np.ndarray, now: float) -> None:
        before = self._state
        tick = float(state['tick']) * _TICK_SECONDS
        if not self._age.take(tick, now):
            return  # Overtaken on its way by a newer one.
        self._state = state
        seconds = 0.0 if before is None else tick - float(before['tick']) * _TICK_SECONDS
        if 0 < seconds < 1:
            joints = state['motor'][:constants.NUM_JOINTS]
            self._velocity = self._velocity_estimate.update(
                seconds, _rotation(state['quaternion']), state['gyro'], state['accelerometer'],
                joints['q'], joints['dq'], state['foot_force'])

    def _judge(self, now: float) -> Optional[Fault]:
        limits = self._limits
        joints = self._state['motor'][:constants.NUM_JOINTS]
        hottest = int(joints['temperature'].max())
        if hottest > limits.temperature_celsius:
            return Fault('temperature', f'a1: a motor has {hottest} degrees Celsius, the limit is '
                         f'{limits.temperature_celsius:g}', person=True)
        angles, beyond = self._angles(), limits.beyond_radians
        outside = np.maximum(self._low - angles, angles - self._high).max()
        if outside > beyond:
            return Fault('position', f'a1: a joint is {outside:.2f} rad beyond its range, the '
                         f'limit is {beyond:g}', person=True)
        age = self._age.seconds(now)
        if age > limits.stale_seconds:
            return Fault('stale', f'a1: the sensors are {age:.3f} s old, the limit is '
                         f'{limits.stale_seconds:g}')
        fastest = float(np.abs(joints['dq']).max())
        if fastest > limits.velocity_radians_per_second:
            return Fault('velocity', f'a1: a joint turns at {fastest:.1f} rad/s, the limit is '
                         f'{limits.velocity_radians_per_second:g}')
        strongest = float(np.abs(joints['tau'].astype(int)).max()) / low_level.TORQUE_SCALE
        if strongest > limits.torque_newton_meters:
            return Fault('torque', f'a1: a joint has {strongest:.1f} N m, the limit is '
                         f'{limits.torque_newton_meters:g}')
        return None

    def _send(self, packet: bytes) -> None:
        try:
            self._socket.send(packet)
        except OSError:
            pass  # Nobody listens, or the cable is out: the sensors will be stale.


def _rotation(quaternion: np.ndarray) -> np.ndarray:
    """Returns the rotation (3, 3) of a unit quaternion w, x, y, z."""
    w, x, y, z = quaternion.astype(np.float64)
    return np.array([
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)]])


def make_guarded(*, connection: Dict[str, Any], limits: Dict[str, Any]) -> GuardedA1:
    """Returns the robot for the guardian's process, from what its client sent."""
    return GuardedA1(A1Connection(**connection), A1Limits(**limits))
