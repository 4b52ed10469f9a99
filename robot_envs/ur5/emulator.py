"""A UR controller with a Robotiq gripper and a camera, driven by the UR5's twin."""

from __future__ import annotations

import time
from typing import Any, Dict, Optional

import numpy as np

from robot_envs.arms.arm_emulator import ArmEmulator
from robot_envs.emulators.line_service import LineService
from robot_envs.emulators.tcp_service import TcpService
from robot_envs.ur5 import robotiq, safety_modes, safety_state
from robot_envs.ur5.model import MODEL
from robot_envs.ur5.rtde_server import CONTROLLER_VERSION, PORT, RtdeServer
from robot_envs.ur5.safety_state import SafetyState

_FAULTS = ('latency', 'frozen', 'disconnect', 'hang_up', 'frozen_camera', 'protective_stop',
           'safety_fault', 'emergency_stop', 'safety_mode')
_DASHBOARD_PORT, _SCRIPT_PORT = 29999, 30003
# Commands of ur_rtde's control script, in input_int_register_0; their arguments are in
# input_double_register_0 and the following.
_NONE, _SPEED_STOP, _SERVO_STOP, _SERVO_L, _WATCHDOG, _END = 0, 15, 16, 24, 35, 255
_READY, _DONE = 1, 2  # In output_int_register_0.


class UR5Emulator(ArmEmulator):
    """Speaks RTDE, dashboard, script upload and Robotiq's lines on the vendors' ports.

    The uploaded script is not run: it is taken for the control script of `ur-rtde==1.6.5`, whose
    commands moveL (3), speedL (10) and so on are answered, and of which servoL, servoStop,
    setWatchdog and the end of the script do what they do on a robot. A program ends with a fault,
    with its watchdog, with 'stop' and with the client's command to end.
    """

    def __init__(self, *, address: str, camera_port: Optional[int], seed: int = 0):
        """Takes the arguments of `ArmEmulator`, and raises what it raises."""
        self._safety = SafetyState()
        self._running = False
        self._watchdog = 0.0  # Seconds; 0 is off.
        self._command = _NONE
        self._counts = dict.fromkeys(('programs', 'commands', 'watchdog_stops'), 0)
        self._state: Dict[str, Any] = {}
        self._gripper_target = robotiq.OPEN
        super().__init__(MODEL, port=PORT, faults=_FAULTS, address=address,
                         camera_port=camera_port, seed=seed)

    def step(self, now: float) -> None:
        """Obeys, moves the twin to `now`, sends its state."""
        self._safety.step(self.faults.values, now)
        if not self._safety.may_move:
            self._end_program()
        self._step_services(now)
        self._take_script()
        self._run_program(now)
        self._arm.step(now)
        if not self._state or 'frozen' not in self.faults.values:
            self._state = self._make_state()
        self._rtde.send(self._state, now)

    def truth(self) -> Dict[str, Any]:
        """Returns what the twin does, the controller's modes, and counts."""
        return {**self._arm.truth(), 'running': self._running, 'safety': self._safety.mode,
                'robot_mode': self._safety.robot_mode, 'watchdog': self._watchdog, **self._counts}

    def _listen(self, address: str) -> None:
        self._rtde = self._add(RtdeServer(address, self.faults))
        self._script = self._add(TcpService(address, _SCRIPT_PORT, self.faults))
        self._add(LineService(address, _DASHBOARD_PORT, self.faults, self._obey_dashboard,
                              greeting='Connected: Universal Robots Dashboard Server'))
        self._add(LineService(address, robotiq.PORT, self.faults, self._obey_gripper, end=''))

    def _take_script(self) -> None:
        for connection in self._script.connections:
            # The whole program comes at once, and ends with the call of what it defines.
            if bytes(connection.received).rstrip().endswith(b'end') and self._safety.may_move:
                self._running, self._watchdog = True, 0.0
                self._rtde.inputs['input_int_register_0'] = _NONE
                self._counts['programs'] += 1
                connection.received.clear()

    def _run_program(self, now: float) -> None:
        """Does what ur_rtde's control script does in one turn of its loop."""
        if not self._running:
            return
        inputs = self._rtde.inputs
        before, self._command = self._command, int(inputs.get('input_int_register_0', _NONE))
        arguments = [inputs.get(f'input_double_register_{index}', 0.0) for index in range(12)]
        self._counts['commands'] += self._command not in (before, _NONE)
        if self._command == _SERVO_L:
            if not self._arm.servo_to(np.array(arguments[:6])):
                self._end_program()
        elif self._command in (_SERVO_STOP, _SPEED_STOP):
            self._arm.stop()
        elif self._command == _WATCHDOG and before != _WATCHDOG:
            self._watchdog, self._rtde.arrived = 1 / max(arguments[0], 0.1), now
        elif self._command == _END:
            self._end_program()
        if self._watchdog and now - self._rtde.arrived > self._watchdog:
            self._counts['watchdog_stops'] += 1
            self._end_program()

    def _end_program(self) -> None:
        self._running, self._watchdog, self._command = False, 0.0, _NONE
        self._arm.stop()

    def _make_state(self) -> Dict[str, Any]:
        arm = self._arm
        powered = self._safety.robot_mode != safety_state.POWER_OFF
        # Who calls servoL does not wait for its end.
        ready = _READY if self._command in (_NONE, _SERVO_L) else _DONE
        return {
            'timestamp': arm.seconds,
            'robot_status_bits': powered | self._running << 1,
            'safety_status_bits': self._safety.bits,
            'safety_mode': safety_modes.MODES[self._safety.mode],
            'robot_mode': safety_state.ROBOT_MODES[self._safety.robot_mode],
            'runtime_state': 2 if self._running else 1,
            'output_int_register_0': ready if self._running else 0,
            'actual_q': arm.angles, 'target_q': arm.angles,
            'actual_qd': arm.speeds, 'target_qd': arm.speeds,
            'target_moment': arm.torques,
            'actual_TCP_pose': arm.pose, 'target_TCP_pose': arm.pose,
            'speed_scaling': 1.0,
        }

    def _obey_dashboard(self, line: str) -> str:
        if line == 'stop':
            self._end_program()
            return 'Stopped'
        answers = {
            'PolyscopeVersion': 'URSoftware {}.{}.{}.{} (emulated)'.format(*CONTROLLER_VERSION),
            'get serial number': '20215500001',
            'get robot model': 'UR5',
            'is in remote control': 'true',
            'robotmode': f'Robotmode: {self._safety.robot_mode}',
            'safetymode': f'Safetymode: {self._safety.mode}',
            'safetystatus': f'Safetystatus: {self._safety.mode}',
            'programState': ('PLAYING' if self._running else 'STOPPED') + ' rtde_control',
            'running': f'Program running: {str(self._running).lower()}',
            'quit': 'Disconnected',
        }
        return (answers.get(line) or self._safety.obey(line, time.monotonic())
                or f'could not understand: {line}')

    def _obey_gripper(self, line: str) -> str:
        words = line.split()
        if words[:1] == ['SET']:
            for name, value in zip(words[1::2], words[2::2]):
                if name == 'POS' and self._safety.may_move:
                    self._gripper_target = int(value)
                    self._arm.grip(robotiq.closed_share(self._gripper_target))
            return 'ack'
        position = robotiq.OPEN + self._arm.gripper * (robotiq.CLOSED - robotiq.OPEN)
        answers = {'POS': f'{round(position):03d}', 'PRE': f'{self._gripper_target:03d}',
                   'STA': '3', 'FLT': '00'}
        name = words[-1] if words else ''
        return f'{name} {answers[name]}' if name in answers else '?'


def make_emulator(*, address: str, port: Optional[int], seed: int) -> UR5Emulator:
    """Returns the emulator for its process; `port` is that of the camera's frames."""
    return UR5Emulator(address=address, camera_port=port, seed=seed)
