"""The UR5 and a Robotiq gripper, by `ur-rtde` and the gripper's socket."""

from __future__ import annotations

import contextlib
import time
from typing import Any, Optional

import numpy as np

from robot_envs.arms.arm_driver import ArmDriver, ArmState
from robot_envs.arms.driver_error import DriverError
from robot_envs.errors import RobotError
from robot_envs.guardian.fault import Fault
from robot_envs.ur5 import safety_modes
from robot_envs.ur5.connection import UR5Connection
from robot_envs.ur5.robotiq import Robotiq

_VARIABLES = ['timestamp', 'actual_q', 'actual_qd', 'actual_TCP_pose', 'target_moment',
              'robot_mode', 'safety_mode', 'robot_status_bits', 'safety_status_bits',
              'runtime_state']
_RUNNING = 7  # Of robot_mode.
_UNREACHABLE = 'the controller cannot be reached; UR5Connection.address is the setting'
_UNLOCK_SECONDS = 5.2  # A protective stop cannot be unlocked earlier than 5 s after it.
_POWER_SECONDS = 15.0
_POLL_SECONDS = 0.1
_GRIPPER_EVERY = 3  # Periods: how often it is asked.


class UR5Driver(ArmDriver):
    """Streams servoL, under the watchdog of the controller's program.

    The dashboard is asked before the control interface is made, because that can crash on a robot
    with a fault.
    """

    def __init__(self, connection: UR5Connection):
        """Does not connect yet."""
        self._connection = connection
        self._receive: Any = None
        self._control: Any = None
        self._gripper: Optional[Robotiq] = None
        self._grip: Optional[float] = None  # What was sent last.
        self._gripper_position = 0.0
        self._turns = 0
        self._is_servo = False

    def connect(self) -> None:
        """Connects to dashboard, state, control and gripper."""
        with self._asked(_UNREACHABLE):
            self._check_dashboard()
            self._open_receive()
            if self._control is None:
                import rtde_control
                self._control = rtde_control.RTDEControlInterface(
                    self._connection.address, self._connection.state_hz)
        if self._gripper is None:
            self._open_gripper()
        # Last: from then on the watchdog waits for the loop's first target.
        with self._asked(_UNREACHABLE):
            self._set_up()

    def state(self) -> ArmState:
        """Returns what the controller told last, and the gripper a little earlier."""
        receive = self._receive
        if receive is None or not receive.isConnected():
            raise DriverError(Fault('connection', 'ur5: the connection to the controller is lost'))
        angles = receive.getActualQ()
        if not angles:
            raise DriverError(Fault('connection', 'ur5: the controller has told nothing yet'))
        return ArmState(
            np.array(angles), np.array(receive.getActualQd()), np.array(receive.getTargetMoment()),
            np.array(receive.getActualTCPPose()), self._gripper_position, receive.getTimestamp())

    def fault(self) -> Optional[Fault]:
        """Judges safety mode, power and program."""
        receive = self._receive
        wrong = safety_modes.wrong_with(receive.getSafetyMode())
        if wrong is not None:
            return wrong
        if receive.getRobotMode() != _RUNNING:
            return Fault('power', 'ur5: the arm is not running: switch it on and release its '
                         'brakes at its panel', person=True)
        if receive.getRuntimeState() != 2:
            return Fault('program', "ur5: the controller's program has ended")
        return None

    def servo(self, pose: np.ndarray, gripper: float) -> None:
        """Sends servoL, and the gripper's target when it is a new one."""
        connection = self._connection
        self._is_servo = True
        with self._asked('servoL was not taken'):
            self._control.servoL(pose.tolist(), 0.0, 0.0, connection.period_seconds,
                                 connection.lookahead_seconds, connection.gain)
        if gripper != self._grip:
            with self._asked('the gripper', 'gripper'):
                self._gripper.move(gripper)
            self._grip = gripper
        self._look_at_gripper()

    def stop(self) -> None:
        """Ends servoL, then only keeps the watchdog quiet."""
        if self._control is None:
            return
        with self._asked('servoStop was not taken'):
            if self._is_servo:
                self._is_servo = False
                self._control.servoStop(self._connection.stop_meters_per_second_squared)
            self._control.kickWatchdog()
        self._look_at_gripper()

    def recover(self) -> None:
        """Follows the vendor's procedure for a protective stop or a fault, and starts the program
        again."""
        for part in (self._receive, self._control):
            if part is not None and not part.isConnected():
                raise DriverError(Fault('connection', 'ur5: the connection is lost'))
        with self._asked(_UNREACHABLE):
            safety = safety_modes.mode_of(self._safety_status())
        with self._asked('recovery'):
            if safety == safety_modes.PROTECTIVE_STOP:
                time.sleep(_UNLOCK_SECONDS)
                self._on_dashboard(lambda dashboard: dashboard.closeSafetyPopup())
                self._on_dashboard(lambda dashboard: dashboard.unlockProtectiveStop())
            elif safety in (safety_modes.VIOLATION, safety_modes.FAULT):
                self._on_dashboard(lambda dashboard: dashboard.restartSafety())
                self._wait_for(self._is_safe)
                self._on_dashboard(lambda dashboard: dashboard.powerOn())
                self._wait_for(lambda: 'IDLE' in self._robot_mode() or 'RUN' in self._robot_mode())
                self._on_dashboard(lambda dashboard: dashboard.brakeRelease())
            self._wait_for(lambda: self._is_safe() and 'RUNNING' in self._robot_mode())
            self._open_receive()
            if self._control is not None:
                self._restart_program()
        self.connect()

    def close(self) -> None:
        """Stops the arm and ends the program; each part whatever becomes of the others."""
        with contextlib.suppress(DriverError):
            self.stop()
        for part, end in ((self._control, 'stopScript'), (self._control, 'disconnect'),
                          (self._receive, 'disconnect'), (self._gripper, 'close')):
            if part is not None:
                with contextlib.suppress(Exception):
                    getattr(part, end)()

    def _check_dashboard(self) -> None:
        wrong = self._wrong_on_dashboard()
        if wrong is not None:
            raise DriverError(wrong)
        mode = self._robot_mode()
        if 'RUNNING' not in mode:
            raise DriverError(Fault('power', f'ur5: {mode}: switch the arm on and release its '
                                    'brakes at its panel', person=True))

    def _safety_status(self) -> str:
        return self._on_dashboard(lambda dashboard: dashboard.safetystatus())

    def _wrong_on_dashboard(self) -> Optional[Fault]:
        answer = self._safety_status()
        return safety_modes.wrong_with(safety_modes.mode_of(answer), answer)

    def _is_safe(self) -> bool:
        return self._wrong_on_dashboard() is None

    def _robot_mode(self) -> str:
        return self._on_dashboard(lambda dashboard: dashboard.robotmode())

    def _on_dashboard(self, ask) -> Any:
        import dashboard_client
        dashboard = dashboard_client.DashboardClient(self._connection.address)
        dashboard.connect()
        try:
            return ask(dashboard)
        finally:
            dashboard.disconnect()

    def _open_receive(self) -> None:
        if self._receive is None:
            import rtde_receive
            self._receive = rtde_receive.RTDEReceiveInterface(
                self._connection.address, self._connection.state_hz, _VARIABLES)

    def _open_gripper(self) -> None:
        connection = self._connection
        with self._asked('the gripper', 'gripper'):
            self._gripper = Robotiq(connection.address, speed=connection.gripper_speed,
                                    force=connection.gripper_force)
            self._gripper_position = self._gripper.position()
        self._grip = None

    def _restart_program(self) -> None:
        if not self._control.isProgramRunning():
            self._control.reuploadScript()
            self._wait_for(self._control.isProgramRunning)

    def _set_up(self) -> None:
        """Tells the program what it has forgotten, and begins the watchdog."""
        connection, control = self._connection, self._control
        done = (control.setTcp(list(connection.tool))
                and control.setPayload(connection.payload_kilograms,
                                       list(connection.payload_center_meters))
                and control.setWatchdog(connection.watchdog_hz))
        if not done:
            raise DriverError(Fault('program', "ur5: the controller's program does not answer"))
        self._is_servo = False

    def _look_at_gripper(self) -> None:
        self._turns += 1
        if self._turns % _GRIPPER_EVERY == 0:
            with self._asked('the gripper', 'gripper'):
                self._gripper_position = self._gripper.position()

    def _wait_for(self, condition) -> None:
        deadline = time.monotonic() + _POWER_SECONDS
        while not condition():
            if time.monotonic() > deadline:
                raise DriverError(Fault('recovery', 'ur5: the vendor\'s way to end the fault did '
                                        'not end it'))
            time.sleep(_POLL_SECONDS)

    @contextlib.contextmanager
    def _asked(self, what: str, name: str = 'connection'):
        """Turns what the clients raise into a fault that a program may try to end."""
        try:
            yield
        except DriverError:
            raise
        except (RobotError, RuntimeError, ValueError, OSError) as error:
            if name == 'gripper' and self._gripper is not None:
                self._gripper.close()
                self._gripper = None  # Another one is made by `connect`.
            reason = ' '.join(str(error).split())[:120]
            raise DriverError(Fault(name, f'ur5: {what} ({reason})')) from error


def make_driver(**connection: Any) -> UR5Driver:
    """Returns the driver for its process, from what the guardian sent."""
    return UR5Driver(UR5Connection(**connection))
