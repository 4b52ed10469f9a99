"""The A1's motor board, driven by its twin."""

from __future__ import annotations

import socket
import time
from typing import Any, Dict, List, Optional, Tuple

import numpy as np

from robot_envs.a1 import constants, low_level
from robot_envs.a1.twin import A1Twin, mujoco
from robot_envs.emulators.emulator import Emulator
from robot_envs.emulators.faults import Faults

_STEP_SECONDS = 0.001
_MOST_STEPS = 20  # At once; a busy machine makes the robot slow rather than late.
_DAMPING = 3.0  # N m s/rad in mode 0; what the robot has is not published.
_COOL_CELSIUS = 35
_PACKET_BYTES = 2048
_FEET = ('FR_foot', 'FL_foot', 'RR_foot', 'RL_foot')
_JOINTS_QPOS, _JOINTS_QVEL = slice(7, 19), slice(6, 18)


class A1Emulator(Emulator):
    """Servos and damps as the packets ask, and damps by itself when none comes.

    A state is sent after every step, to whoever sent a valid command last. Its clock and tick start
    with it; each valid command takes effect at once.
    """

    def __init__(
        self, *, address: str, port: int, seed: int = 0, motor_timeout_seconds: float = 0.05
    ):
        """Puts the twin on its back and listens.

        Args:
            address: on this machine, 127.x.y.z.
            port: UDP; 0 is any free one.
            seed: of the twin's first pose and of lost packets.
            motor_timeout_seconds: motors damp when no valid packet has come for so long.

        Raises:
            OSError: address or port cannot be used.
        """
        self.faults = Faults(seed=seed)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind((address, port))
        self.port = self._socket.getsockname()[1]
        self._twin = A1Twin(seed=seed)
        self._model, self._data = self._twin.physics
        self._model.opt.timestep = _STEP_SECONDS
        self._feet = [self._model.geom(name).id for name in _FEET]
        self._motor_timeout = motor_timeout_seconds
        self._client: Optional[Tuple[str, int]] = None
        self._began = self._moved = self._heard = time.monotonic()
        self._is_servo = False
        self._damped_since = self._began
        self._acceleration = np.zeros(3)
        self._bad_packets = 0
        self._extremes = {'speed': 0.0, 'torque': 0.0, 'target_reach': 0.0, 'outside': 0.0}
        self._damp(self._began)

    def step(self, now: float) -> None:
        """Takes in commands, moves the twin to `now`, sends its state."""
        for packet in self.faults.incoming(self._received(), now):
            try:
                self._obey(low_level.unseal(packet, low_level.LOW_COMMAND), now)
            except ValueError:
                self._bad_packets += 1
        if self._is_servo and now - self._heard > self._motor_timeout:
            self._damp(now)
        self._move(now)
        for packet in self.faults.outgoing(self._state(now), now):
            self._send(packet)

    def truth(self) -> Dict[str, Any]:
        """Returns pose, joints, mode and since when, counters, and the extremes so far."""
        data, now = self._data, time.monotonic()
        return {
            'time': now,
            'servo': self._is_servo,
            'damped_since': self._damped_since,
            'bad_packets': self._bad_packets,
            'height': float(data.qpos[2]),
            'orientation': data.qpos[3:7].tolist(),
            'velocity': data.qvel[:3].tolist(),
            'angular_velocity': data.qvel[3:6].tolist(),
            'joint_angles': data.qpos[_JOINTS_QPOS].tolist(),
            'simulated': float(data.time),
            'since_start': now - self._began,
            'extremes': self._extremes,
        }

    def close(self) -> None:
        """Closes the socket."""
        self._socket.close()
        self._twin.close()

    def _received(self) -> List[bytes]:
        packets = []
        while True:
            try:
                packet, self._client = self._socket.recvfrom(_PACKET_BYTES)
                packets.append(packet)
            except OSError:  # Nothing more, or the client's port is closed.
                return packets

    def _obey(self, command: np.ndarray, now: float) -> None:
        self._heard = now
        motors = command['motor'][:constants.NUM_JOINTS]
        if np.any(motors['mode'] != low_level.SERVO_MODE):
            self._damp(now)
            return
        self._is_servo = True
        kp = motors['kp'] / low_level.KP_SCALE
        kd = motors['kd'] / low_level.KD_SCALE
        self._set_gains(kp, kd)
        target = motors['q'].astype(np.float64)
        self._data.ctrl[:] = target
        low, high = constants.JOINT_LOW_RADIANS, constants.JOINT_HIGH_RADIANS
        self._note('target_reach', np.abs(target - self._data.qpos[_JOINTS_QPOS]).max())
        self._note('outside', np.maximum(low - target, target - high).max())

    def _damp(self, now: float) -> None:
        if self._is_servo:
            self._is_servo, self._damped_since = False, now
        self._set_gains(0.0, _DAMPING)

    def _set_gains(self, kp: Any, kd: Any) -> None:
        self._model.actuator_gainprm[:, 0] = kp
        self._model.actuator_biasprm[:, 1] = -np.asarray(kp)
        self._model.actuator_biasprm[:, 2] = -np.asarray(kd)

    def _move(self, now: float) -> None:
        steps = min(int((now - self._moved) / _STEP_SECONDS), _MOST_STEPS)
        before = self._data.qvel[:3].copy()
        for _ in range(steps):
            mujoco.mj_step(self._model, self._data)
        if steps:
            self._acceleration = (self._data.qvel[:3] - before) / (steps * _STEP_SECONDS)
            self._moved += steps * _STEP_SECONDS
            self._note('speed', np.abs(self._data.qvel[_JOINTS_QVEL]).max())
            self._note('torque', np.abs(self._data.actuator_force).max())
        if steps == _MOST_STEPS:
            self._moved = now

    def _note(self, name: str, value: float) -> None:
        self._extremes[name] = max(self._extremes[name], float(value))

    def _state(self, now: float) -> bytes:
        data, packet = self._data, np.zeros((), low_level.LOW_STATE)
        rotation = np.zeros(9)
        mujoco.mju_quat2Mat(rotation, data.qpos[3:7])
        packet['level'] = low_level.LOW_LEVEL
        packet['quaternion'] = data.qpos[3:7]
        packet['gyro'] = data.qvel[3:6]
        packet['accelerometer'] = (self._acceleration + [0, 0, 9.81]) @ rotation.reshape(3, 3)
        joints = packet['motor'][:constants.NUM_JOINTS]
        joints['mode'] = low_level.SERVO_MODE if self._is_servo else low_level.DAMPING_MODE
        joints['q'] = data.qpos[_JOINTS_QPOS]
        joints['dq'] = data.qvel[_JOINTS_QVEL]
        joints['tau'] = data.actuator_force * low_level.TORQUE_SCALE
        joints['temperature'] = self.faults.values.get('temperature', _COOL_CELSIUS)
        packet['foot_force'] = self._foot_force()
        packet['tick'] = int((now - self._began) * 1000)
        return low_level.seal(packet)

    def _foot_force(self) -> List[float]:
        force, found = np.zeros(6), dict.fromkeys(self._feet, 0.0)
        for index in range(self._data.ncon):
            contact = self._data.contact[index]
            for geom in (contact.geom1, contact.geom2):
                if geom in found:
                    mujoco.mj_contactForce(self._model, self._data, index, force)
                    found[geom] += force[0]
        return list(found.values())

    def _send(self, packet: bytes) -> None:
        if self._client is None:
            return
        try:
            self._socket.sendto(packet, self._client)
        except OSError:
            pass  # The client's machine does not take it; the robot does not care.


def make_emulator(*, address: str, port: Optional[int], seed: int) -> A1Emulator:
    """Returns the emulator for its process; the robot's own port if None."""
    return A1Emulator(
        address=address, port=low_level.ROBOT_PORT if port is None else port, seed=seed)
