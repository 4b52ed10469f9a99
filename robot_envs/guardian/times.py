"""How long the guardian waits for whom."""

from __future__ import annotations

import dataclasses

import gin

from robot_envs.errors import RobotError


@gin.configurable
@dataclasses.dataclass(frozen=True)
class GuardianTimes:
    """The guardian's patience, for any robot.

    Attributes:
        beat_seconds: the client sends a heartbeat this often.
        hold_seconds: without one for so long, the robot holds still.
        damp_seconds: without one for so long, it goes to its safe state.
        idle_seconds: a living client that commands nothing for so long has it damped too; the
            next command goes on.
        recoveries: a program may go on from so many faults; after that a person only.
        calm_seconds: what was wrong must have been right for so long before.
    """

    beat_seconds: float = 0.02
    hold_seconds: float = 0.1
    damp_seconds: float = 0.5
    idle_seconds: float = 2.0
    recoveries: int = 5
    calm_seconds: float = 0.2

    def __post_init__(self):
        if not 0 < self.beat_seconds < self.hold_seconds < self.damp_seconds:
            raise RobotError('GuardianTimes: beat_seconds < hold_seconds < damp_seconds, all '
                             f'positive, not {self.beat_seconds}, {self.hold_seconds}, '
                             f'{self.damp_seconds}')
        if self.idle_seconds <= 0 or self.calm_seconds <= 0 or self.recoveries < 0:
            raise RobotError('GuardianTimes: idle_seconds and calm_seconds must be positive, '
                             'recoveries at least 0')
