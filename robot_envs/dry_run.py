"""Everything but motion."""

from __future__ import annotations

import dataclasses
import importlib.util  # noqa: F401  gin 0.5.0 uses importlib.util without importing it
from typing import Dict, List, Optional

import gin
import numpy as np

from robot_envs.clock import Clock
from robot_envs.errors import RobotError
from robot_envs.registry import TWIN
from robot_envs.robot import Reading, Robot


@gin.configurable
@dataclasses.dataclass(frozen=True)
class DryRun:
    """Whether real and emulated robots are only looked at (`--dry_run`).

    Attributes:
        on: their sensors are read and their guardian runs, but no command reaches them.
    """

    on: bool = False


class StillRobot(Robot):
    """A robot whose commands take their time and move nothing."""

    def __init__(self, robot: Robot, clock: Optional[Clock] = None):
        """Wraps `robot`.

        Args:
            robot: real or emulated.
            clock: the machine's own if None.
        """
        self._robot = robot
        self._clock = clock or Clock()
        self._kept_back = 0
        self._due: Optional[float] = None

    def connect(self) -> None:
        """Connects the robot, which stays in its safe state."""
        self._robot.connect()

    def read(self) -> Reading:
        """Returns the robot's newest sensor values."""
        return self._robot.read()

    def command(self, values: np.ndarray, seconds: float) -> None:
        """Waits until `seconds` after the command before it was over, as the robot would take."""
        del values
        self._kept_back += 1
        now = self._clock.now()
        on_time = self._due is not None and now - self._due <= seconds
        self._due = (self._due if on_time else now) + seconds
        self._clock.sleep(self._due - now)

    def stop(self) -> None:
        """Brings the robot to its safe state, where it is."""
        self._robot.stop()

    def close(self) -> None:
        """Lets go of the robot."""
        self._robot.close()

    def follows(self) -> bool:
        """Returns False on a robot in its safe state, which it never leaves."""
        return self._robot.follows()

    def account(self) -> Dict[str, float]:
        """Returns the robot's account and 'kept_back', the commands that it did not get."""
        return {**self._robot.account(), 'kept_back': self._kept_back}

    def picture(self) -> Optional[np.ndarray]:
        """Returns the robot's picture for people."""
        return self._robot.picture()


def dry_run_bindings(dry_run: bool, backend: str) -> List[str]:
    """Returns the gin settings of the flag `--dry_run`.

    Raises:
        RobotError: there is only a twin, which nothing can happen to.
    """
    if dry_run and backend == TWIN:
        raise RobotError('--dry_run keeps a robot still: give --backend=hardware or emulated too')
    return ['DryRun.on = True'] if dry_run else []


def still_if_dry(robot: Robot) -> Robot:
    """Returns the robot, or in a dry run one that does not move."""
    return StillRobot(robot) if DryRun().on else robot
