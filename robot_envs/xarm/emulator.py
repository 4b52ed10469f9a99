"""An xArm controller with its gripper and a camera, driven by the xArm7's twin."""

from __future__ import annotations

import struct
from typing import Any, Dict, Optional

import numpy as np

from robot_envs.arms import rotations
from robot_envs.arms.arm_emulator import ArmEmulator
from robot_envs.emulators.tcp_service import TcpService
from robot_envs.xarm import gripper_protocol
from robot_envs.xarm.control_server import PORT, ControlServer
from robot_envs.xarm.model import MODEL

_FAULTS = ('latency', 'disconnect', 'hang_up', 'frozen_camera', 'error', 'emergency_stop')
_REPORT_PORTS = {30001: 0.2, 30002: 0.2, 30003: 0.01}  # Seconds between two reports.
_REPORT_BYTES = {30001: 145, 30002: 245, 30003: 87}
_VERSION = b'7,7,XF1300,AC1300,v2.3.0'
# Functions of the control port.
(_GET_VERSION, _MOTION_ENABLE, _SET_STATE, _GET_STATE, _COMMANDS, _GET_ERROR, _CLEAN_ERROR,
 _CLEAN_WARNING, _SET_MODE, _COLLISION, _GET_POSE, _GET_JOINTS, _SERVO_AA, _GRIPPER,
 _GET_RATE) = (1, 11, 12, 13, 14, 15, 16, 17, 19, 37, 41, 42, 93, 124, 128)
_RATE_INDEX = 11  # 2,000,000 baud at the gripper's port.
_TAKEN = (10, 18, 31, 32, 33, 34, 35, 36, 38, 50, 52, 58, 59, 60, 77, 127)  # And nothing else.
_SERVO_MODE = 1
_READY, _STANDING, _STOPPED = 1, 2, 4
_SILENT_SECONDS = 0.2  # Without a target the servo mode stands.
_BUTTON_ERROR = 2
_MILLIMETERS = 1000.0


class XArmEmulator(ArmEmulator):
    """Speaks the private Modbus TCP at port 502 and sends reports at 30001 to 30003.

    An error ends motion, disables the motors and stays until it is cleaned; e-stop stays while its
    button is pressed. Targets are taken in servo mode and state 0 only.
    """

    def __init__(self, *, address: str, camera_port: Optional[int], seed: int = 0):
        """Takes the arguments of `ArmEmulator`, and raises what it raises."""
        self._error = 0
        self._mode = 0
        self._state = _STOPPED
        self._enabled = False
        self._target: Optional[np.ndarray] = None
        self._now = self._targeted = 0.0
        self._cleaned = 0
        self._due = dict.fromkeys(_REPORT_PORTS, 0.0)
        super().__init__(MODEL, port=PORT, faults=_FAULTS, address=address,
                         camera_port=camera_port, seed=seed)
        self._gripper = gripper_protocol.GripperServer(self._arm)

    def step(self, now: float) -> None:
        """Obeys, moves the twin to `now`, sends its reports."""
        self._now = now
        self._take_faults()
        self._step_services(now)
        if self._target is not None:
            if not self._arm.servo_to(self._target):
                self._fail(21)
            elif now - self._targeted > _SILENT_SECONDS:
                self._target = None
                self._arm.stop()
        self._arm.step(now)
        for port, service in self._reports.items():
            if now >= self._due[port]:
                self._due[port] = max(self._due[port] + _REPORT_PORTS[port], now)
                report = self._report(port)
                for connection in service.connections:
                    connection.send(report, now)

    def truth(self) -> Dict[str, Any]:
        """Returns what the twin does, the controller's state, and how often errors were cleaned."""
        return {**self._arm.truth(), 'error': self._error, 'mode': self._mode,
                'state': self._state, 'cleaned': self._cleaned}

    def _listen(self, address: str) -> None:
        self._add(ControlServer(address, self.faults, self._obey, self._state_byte))
        self._reports = {port: self._add(TcpService(address, port, self.faults))
                         for port in _REPORT_PORTS}

    def _take_faults(self) -> None:
        code = int(self.faults.values.pop('error', 0))
        if code:
            self._fail(code)
        if self.faults.values.get('emergency_stop') and self._error != _BUTTON_ERROR:
            self._fail(_BUTTON_ERROR)

    def _fail(self, code: int) -> None:
        self._error, self._state, self._enabled, self._target = code, _STOPPED, False, None
        self._arm.stop()

    def _state_byte(self) -> int:
        stopped = self._state == _STOPPED or not self._enabled
        return (0x40 if self._error else 0) | (0x10 if stopped else 0)

    def _shown_state(self) -> int:
        if self._state == _STOPPED:
            return _STOPPED
        return _READY if self._target is not None else _STANDING

    def _obey(self, function: int, data: bytes) -> Optional[bytes]:
        """Returns the data of the answer; None for a function that is not emulated."""
        if function == _GET_VERSION:
            return _VERSION.ljust(40, b'\0')
        if function == _GET_STATE:
            return bytes([self._shown_state()])
        if function == _COMMANDS:
            return bytes(2)
        if function == _GET_ERROR:
            return bytes([self._error, 0])
        if function == _GET_POSE:
            return struct.pack('<6f', *self._pose())
        if function == _GET_JOINTS:
            return struct.pack('<7f', *self._arm.angles)
        if function == _GET_RATE:
            return struct.pack('>i', _RATE_INDEX)
        if function == _GRIPPER:
            return self._gripper.answer(data)
        if function == _CLEAN_ERROR:
            self._cleaned += bool(self._error)
            if not self.faults.values.get('emergency_stop'):
                self._error = 0
            return b''
        if function == _MOTION_ENABLE:
            self._enabled = bool(data[1]) and not self._error
            return b''
        if function in (_SET_STATE, _SET_MODE):
            self._set(function, data[0])
            return b''
        if function == _SERVO_AA:
            self._take_target(data)
            return b''
        return b'' if function in (_COLLISION, _CLEAN_WARNING, *_TAKEN) else None

    def _set(self, function: int, value: int) -> None:
        """Sets mode or state; what is under way ends with either."""
        if function == _SET_MODE:
            self._mode = value
        else:
            may_move = value == 0 and self._enabled and not self._error
            self._state = _READY if may_move else _STOPPED
        self._target = None
        self._arm.stop()

    def _take_target(self, data: bytes) -> None:
        if self._state != _STOPPED and self._enabled and self._mode == _SERVO_MODE:
            pose = np.array(struct.unpack_from('<6f', data), np.float64)
            pose[:3] /= _MILLIMETERS
            self._target, self._targeted = pose, self._now

    def _pose(self) -> np.ndarray:
        """Returns x, y, z in millimetres and roll, pitch, yaw in radians."""
        pose = self._arm.pose
        return np.concatenate([pose[:3] * _MILLIMETERS,
                               rotations.roll_pitch_yaw(rotations.matrix(pose[3:]))])

    def _report(self, port: int) -> bytes:
        enabled = 0x7F if self._enabled else 0
        size = _REPORT_BYTES[port]
        report = struct.pack('>IBH', size, self._shown_state() | self._mode << 4, 0)
        report += struct.pack('<20f', *self._arm.angles, *self._pose(), *self._arm.torques)
        report += bytes([enabled, enabled, self._error, 0])
        return report.ljust(size, b'\0')[:size]


def make_emulator(*, address: str, port: Optional[int], seed: int) -> XArmEmulator:
    """Returns the emulator for its process; `port` is that of the camera's frames."""
    return XArmEmulator(address=address, camera_port=port, seed=seed)
