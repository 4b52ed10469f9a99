"""The xArm7 and its gripper, by `xarm-python-sdk`."""

from __future__ import annotations

import collections
import contextlib
import threading
import time
from typing import Any, Deque, Optional, Tuple

import numpy as np

from robot_envs.arms import rotations
from robot_envs.arms.arm_driver import ArmDriver, ArmState
from robot_envs.arms.driver_error import DriverError
from robot_envs.guardian.fault import Fault
from robot_envs.xarm.connection import XArmConnection

_SERVO_MODE = 1
_READY_STATE, _STOP_STATE = 0, 4
_STOPPED_STATES = (4, 5)
_MILLIMETERS = 1000.0
_GRIPPER_OPEN = 850  # 0 is closed.
_GRIPPER_EVERY = 5  # Periods: how often it is asked.
_VELOCITY_SECONDS = 0.2  # Velocities are means over this: reports come in bursts.
_SILENT_SECONDS = 1.0  # Without a report the connection is made anew.
_SETTLE_SECONDS = 0.1  # Between modes and states.
# Error codes (the vendor's manual): (name, what it is) that a program may clean, some times. All
# others want a person.
_CLEANABLE = {
    19: ('gripper', 'the gripper does not answer'),
    21: ('kinematics', 'the place is out of reach'),
    22: ('self_collision', 'the arm would hit itself'),
    23: ('joint_limit', 'a joint is beyond its range'),
    24: ('speed', 'a joint is too fast'),
    28: ('gripper', 'the gripper'),
    31: ('collision', 'the arm has hit something'),
    35: ('boundary', 'the tool is beyond the safety boundary'),
}
_BUTTONS = (1, 2, 3)


class XArmDriver(ArmDriver):
    """Streams targets in the servo mode, in which the arm stands when none comes.

    The state comes a hundred times a second by the report at port 30003, which has neither clock
    nor number: its time is that of its arrival here.
    """

    def __init__(self, connection: XArmConnection):
        """Does not connect yet."""
        self._connection = connection
        self._arm: Any = None
        self._lock = threading.Lock()
        self._reports: Deque[Tuple[float, np.ndarray]] = collections.deque()  # Time, angles.
        self._grip: Optional[float] = None  # What was sent last.
        self._gripper_position = 0.0
        self._turns = 0
        self._is_servo = False

    def connect(self) -> None:
        """Connects, and enables motors and gripper if there is no error."""
        if self._arm is None:
            from xarm.wrapper import XArmAPI
            try:
                arm = XArmAPI(self._connection.address, is_radian=True, do_not_open=True,
                              report_type='real', check_joint_limit=True, forbid_uds=True)
                arm.register_report_location_callback(self._take)
                arm.connect()
            except Exception as error:  # That is what it raises.
                raise _lost(f'cannot be reached ({error}); XArmConnection.address is the '
                            'setting') from error
            self._arm = arm
        fault = self.fault()
        if fault is not None:
            raise DriverError(fault)
        self._set_up()
        self.stop()

    def state(self) -> ArmState:
        """Returns what the last report told, and the gripper a little earlier."""
        with self._lock:
            reports = list(self._reports)
        if len(reports) < 2:
            raise _lost('has sent no report')
        (before, angles_before), (now, angles) = reports[0], reports[-1]
        position = np.array(self._arm.position)
        pose = np.concatenate([position[:3] / _MILLIMETERS,
                               rotations.from_roll_pitch_yaw(position[3:])])
        velocities = (angles - angles_before) / max(now - before, _VELOCITY_SECONDS / 2)
        return ArmState(angles, velocities, np.array(self._arm.joints_torque), pose,
                        self._gripper_position, now)

    def fault(self) -> Optional[Fault]:
        """Asks the controller for its error."""
        code, answer = self._arm.get_err_warn_code()
        if not self._arm.connected or code not in (0, 1, 2):
            return _lost(f'does not answer (code {code})').fault
        error = answer[0]
        if error in _BUTTONS:
            return Fault('emergency_stop', f'xarm: the emergency stop is pressed (error {error})',
                         person=True)
        if error in _CLEANABLE:
            name, text = _CLEANABLE[error]
            return Fault(name, f'xarm: {text} (error {error})')
        if error:
            return Fault('controller', f"xarm: error {error}, see the vendor's manual",
                         person=True)
        return None

    def servo(self, pose: np.ndarray, gripper: float) -> None:
        """Sends a target of the servo mode, and the gripper's when it is a new one."""
        if not self._is_servo:
            self._check(self._arm.set_mode(_SERVO_MODE), 'set_mode')
            self._check(self._arm.set_state(_READY_STATE), 'set_state')
            time.sleep(_SETTLE_SECONDS)
            self._is_servo = True
        target = [*(pose[:3] * _MILLIMETERS), *pose[3:]]
        self._check(self._arm.set_servo_cartesian_aa(target), 'set_servo_cartesian_aa')
        if gripper != self._grip:
            self._check(self._arm.set_gripper_position(
                round(_GRIPPER_OPEN * (1 - gripper)), wait=False, wait_motion=False),
                'set_gripper_position')
            self._grip = gripper
        self._look_at_gripper()

    def stop(self) -> None:
        """Ends the servo mode: the controller brakes and holds the arm."""
        if self._arm is None:
            return
        if self._is_servo or self._arm.state not in _STOPPED_STATES:
            self._arm.set_state(_STOP_STATE)
            self._is_servo = False
        self._look_at_gripper()

    def recover(self) -> None:
        """Cleans the error, enables the motors, and looks whether it is gone."""
        if self._arm is not None:
            if not self._arm.connected or self._is_silent():
                raise _lost('is not connected any more')
            if self.fault() is not None:
                self._check(self._arm.clean_error(), 'clean_error')
                self._arm.clean_warn()
                time.sleep(_SETTLE_SECONDS)
        self.connect()

    def close(self) -> None:
        """Stops the arm and disconnects."""
        if self._arm is not None:
            with contextlib.suppress(Exception):
                self._arm.set_state(_STOP_STATE)
            with contextlib.suppress(Exception):
                self._arm.disconnect()

    def _set_up(self) -> None:
        connection, arm = self._connection, self._arm
        tool = [*(np.array(connection.tool[:3]) * _MILLIMETERS), *connection.tool[3:]]
        center = [meters * _MILLIMETERS for meters in connection.payload_center_meters]
        self._check(arm.motion_enable(True), 'motion_enable')
        self._check(arm.set_mode(_SERVO_MODE), 'set_mode')
        self._check(arm.set_state(_READY_STATE), 'set_state')  # Or the following are not taken.
        self._check(arm.set_tcp_offset(tool), 'set_tcp_offset')
        self._check(arm.set_tcp_load(connection.payload_kilograms, center), 'set_tcp_load')
        self._check(arm.set_collision_sensitivity(connection.collision_sensitivity),
                    'set_collision_sensitivity')
        self._check(arm.set_gripper_enable(True), 'set_gripper_enable')
        self._check(arm.set_gripper_mode(0), 'set_gripper_mode')
        self._check(arm.set_gripper_speed(connection.gripper_speed), 'set_gripper_speed')
        self._grip, self._is_servo, self._turns = None, False, -1
        self._look_at_gripper()

    def _look_at_gripper(self) -> None:
        self._turns += 1
        if self._turns % _GRIPPER_EVERY == 0:
            code, position = self._arm.get_gripper_position()
            self._check(code, 'get_gripper_position')
            self._gripper_position = float(np.clip(1 - position / _GRIPPER_OPEN, 0, 1))

    def _is_silent(self) -> bool:
        """Whether no report comes any more."""
        with self._lock:
            return not self._reports or time.monotonic() - self._reports[-1][0] > _SILENT_SECONDS

    def _check(self, code: int, what: str) -> None:
        """Raises if a call did not work: for the controller's error if there is one."""
        if code == 0:
            return
        fault = self.fault()
        if fault is not None:
            raise DriverError(fault)
        if code not in (1, 2):  # Error or warning, which is not there any more.
            raise DriverError(Fault('command', f'xarm: {what} was not taken (code {code})'))

    def _take(self, report: Any) -> None:
        """Is called by a thread of the vendor's library with every report."""
        angles = np.array(report['joints'][:7])
        now = time.monotonic()
        with self._lock:
            self._reports.append((now, angles))
            while now - self._reports[0][0] > _VELOCITY_SECONDS and len(self._reports) > 2:
                self._reports.popleft()


def _lost(text: str) -> DriverError:
    return DriverError(Fault('connection', f'xarm: the controller {text}'))


def make_driver(**connection: Any) -> XArmDriver:
    """Returns the driver for its process, from what the guardian sent."""
    return XArmDriver(XArmConnection(**connection))
