"""How the UR5 is reached."""

from __future__ import annotations

import dataclasses
from typing import Tuple

import gin

from robot_envs.arms import constants as task
from robot_envs.errors import RobotError


@gin.configurable
@dataclasses.dataclass(frozen=True)
class UR5Connection:
    """Where the controller is, and how its arm is servoed.

    Attributes:
        address: of the controller, which has to be in remote control.
        connect_seconds: how long to wait for it.
        period_seconds: a target is sent this often, .008 to .05.
        state_hz: how often the controller tells its state.
        lookahead_seconds: of servoL, .03 to .2; larger is smoother.
        gain: of servoL, 100 to 2000; larger is stiffer.
        stop_meters_per_second_squared: how hard it brakes.
        watchdog_hz: targets that come less often than this end the controller's program.
        tool: (6,) of the tool point in the flange's frame, metres and a rotation vector.
        payload_kilograms: of gripper and object.
        payload_center_meters: (3,) of its mass, in the flange's frame.
        gripper_speed: 0 to 255.
        gripper_force: 0 to 255.
        quiet: whether to throw away what ur_rtde prints.
    """

    address: str = '192.168.1.10'
    connect_seconds: float = 20.0
    period_seconds: float = 0.02
    state_hz: float = 125.0
    lookahead_seconds: float = 0.1
    gain: float = 300.0
    stop_meters_per_second_squared: float = 2.0
    watchdog_hz: float = 5.0
    tool: Tuple[float, ...] = (0.0, 0.0, task.TOOL_METERS, 0.0, 0.0, 0.0)
    payload_kilograms: float = 1.0
    payload_center_meters: Tuple[float, ...] = (0.0, 0.0, 0.06)
    gripper_speed: int = 255
    gripper_force: int = 30
    quiet: bool = True

    def __post_init__(self):
        ranges = {'connect_seconds': (1, 300), 'period_seconds': (0.008, 0.05),
                  'state_hz': (20, 500), 'lookahead_seconds': (0.03, 0.2), 'gain': (100, 2000),
                  'stop_meters_per_second_squared': (0.5, 10), 'watchdog_hz': (1, 20),
                  'payload_kilograms': (0, 5), 'gripper_speed': (0, 255),
                  'gripper_force': (0, 255)}
        for name, (low, high) in ranges.items():
            if not low <= getattr(self, name) <= high:
                raise RobotError(f'UR5Connection.{name} must be {low} to {high}, not '
                                 f'{getattr(self, name)}')
        if len(self.tool) != 6 or len(self.payload_center_meters) != 3:
            raise RobotError('UR5Connection.tool must be 6 numbers, payload_center_meters 3')
        if 1 / self.watchdog_hz < 2 * self.period_seconds:
            raise RobotError('UR5Connection: watchdog_hz must be below half the rate of targets, '
                             f'{0.5 / self.period_seconds:g}')
