"""What an arm may do, as data."""

from __future__ import annotations

import dataclasses
from typing import Tuple

import numpy as np

from robot_envs.arms.workspace import Workspace
from robot_envs.errors import RobotError

_MARGIN_METERS = 0.03
_OVER_HOVER_METERS = 0.25


@dataclasses.dataclass(frozen=True)
class ArmLimits:
    """What the guardian lets through, and where it ends a movement.

    Targets are clipped to the inner box; measurements beyond the outer ones are faults.

    Attributes:
        target_low_meters: x, y, z of the tool's targets in the base frame.
        target_high_meters: likewise.
        beyond_meters: the measured tool may be outside the targets' box by this.
        joint_low_radians: (N,) measured.
        joint_high_radians: (N,) measured.
        joint_velocity_radians_per_second: measured, of any joint.
        joint_torque_newton_meters: (N,) as the controller tells them.
        lead_meters: a target on its way waits when it is this far ahead of the measured tool.
        step_meters: a target may be this far from the one before.
        speed_meters_per_second: of the tool's targets; a command that is too short gets more time.
        turn_radians_per_second: of the tool's targets, likewise.
        shortest_seconds: a command takes at least this; shorter ones are refused.
        longest_seconds: a command takes at most this.
        stale_seconds: sensors may be this old.
        silent_seconds: a driver that is silent for so long is ended, and the controller's watchdog
            stops the arm.
        recovery_tries: so many times in a row a program tries to end a fault.
    """

    target_low_meters: Tuple[float, ...]
    target_high_meters: Tuple[float, ...]
    beyond_meters: float
    joint_low_radians: Tuple[float, ...]
    joint_high_radians: Tuple[float, ...]
    joint_velocity_radians_per_second: float
    joint_torque_newton_meters: Tuple[float, ...]
    lead_meters: float
    step_meters: float
    speed_meters_per_second: float
    turn_radians_per_second: float
    shortest_seconds: float
    longest_seconds: float
    stale_seconds: float
    silent_seconds: float
    recovery_tries: int

    def __post_init__(self):
        name = type(self).__name__
        for low, high, count in (
                ('target_low_meters', 'target_high_meters', 3),
                ('joint_low_radians', 'joint_high_radians', len(self.joint_torque_newton_meters))):
            lows, highs = np.array(getattr(self, low)), np.array(getattr(self, high))
            if lows.shape != (count,) or highs.shape != (count,) or not np.all(lows < highs):
                raise RobotError(f'{name}: {low} must be below {high}, {count} numbers each')
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if not isinstance(value, (tuple, list)) and not 0 < value < np.inf:
                raise RobotError(f'{name}.{field.name} must be positive, not {value}')
        if min(self.joint_torque_newton_meters) <= 0:
            raise RobotError(f'{name}.joint_torque_newton_meters must be positive')
        if self.shortest_seconds >= self.longest_seconds:
            raise RobotError(f'{name}.shortest_seconds must be below longest_seconds')
        if self.stale_seconds >= self.silent_seconds:
            raise RobotError(f'{name}.stale_seconds must be below silent_seconds')

    def outside_meters(self, place: np.ndarray) -> float:
        """Returns how far a place (3,) is outside the targets' box; below 0 inside."""
        return float(np.maximum(np.subtract(self.target_low_meters, place),
                                np.subtract(place, self.target_high_meters)).max())

    def must_wait(self, target: np.ndarray, place: np.ndarray) -> bool:
        """Returns whether a moving target (3,) has to wait for the measured tool (3,).

        It is too far ahead: the tool is held up, or the machine busy, and would be pulled there at
        once. Or the tool has left the box by more than its target and half of what is a fault: on
        a fast way along the box's side it swings out, and is back when the target waits.
        """
        if np.linalg.norm(np.subtract(target, place)) > self.lead_meters:
            return True
        out = max(self.outside_meters(place), 0.0) - max(self.outside_meters(target), 0.0)
        return out > self.beyond_meters / 2


def target_box(workspace: Workspace) -> Tuple[Tuple[float, ...], Tuple[float, ...]]:
    """Returns the lowest and the highest x, y, z of targets in a task's workspace, in metres.

    Its cells and a margin; from the table up to a while over where it hovers.
    """
    across = (*workspace.left, *workspace.right)
    ends = [workspace.place(f(across), f(workspace.along), False) for f in (min, max)]
    low = (ends[0].x - _MARGIN_METERS, ends[0].y - _MARGIN_METERS, workspace.table - 0.001)
    high = (ends[1].x + _MARGIN_METERS, ends[1].y + _MARGIN_METERS,
            workspace.hover + _OVER_HOVER_METERS)
    return low, high
