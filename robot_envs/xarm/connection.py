"""How the xArm7 is reached."""

from __future__ import annotations

import dataclasses
from typing import Tuple

import gin

from robot_envs.arms import constants as task
from robot_envs.errors import RobotError


@gin.configurable
@dataclasses.dataclass(frozen=True)
class XArmConnection:
    """Where the controller is, and how its arm is servoed.

    Attributes:
        address: of the controller.
        connect_seconds: how long to wait for it.
        period_seconds: a target is sent this often, .01 to .05.
        tool: (6,) of the tool point in the flange's frame, metres, then roll, pitch, yaw in
            radians.
        payload_kilograms: of gripper and object.
        payload_center_meters: (3,) of its mass, in the flange's frame.
        collision_sensitivity: 1 to 5; 5 stops at the lightest touch.
        gripper_speed: 350 to 5000, pulses a second; the whole way is 850.
        quiet: whether to throw away what the vendor's library prints.
    """

    address: str = '192.168.1.200'
    connect_seconds: float = 20.0
    period_seconds: float = 0.02
    tool: Tuple[float, ...] = (0.0, 0.0, task.TOOL_METERS, 0.0, 0.0, 0.0)
    payload_kilograms: float = 0.82
    payload_center_meters: Tuple[float, ...] = (0.0, 0.0, 0.048)
    collision_sensitivity: int = 3
    gripper_speed: int = 3000
    quiet: bool = True

    def __post_init__(self):
        ranges = {'connect_seconds': (1, 300), 'period_seconds': (0.01, 0.05),
                  'payload_kilograms': (0, 3.5), 'collision_sensitivity': (1, 5),
                  'gripper_speed': (350, 5000)}
        for name, (low, high) in ranges.items():
            if not low <= getattr(self, name) <= high:
                raise RobotError(f'XArmConnection.{name} must be {low} to {high}, not '
                                 f'{getattr(self, name)}')
        if len(self.tool) != 6 or len(self.payload_center_meters) != 3:
            raise RobotError('XArmConnection.tool must be 6 numbers, payload_center_meters 3')
