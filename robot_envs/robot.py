"""What a task environment may ask of a robot, simulated or real."""

from __future__ import annotations

import abc
from typing import Dict, NamedTuple, Optional

import numpy as np

from robot_envs.errors import RobotError


class Reading(NamedTuple):
    """Sensor values that belong together.

    Attributes:
        values: one array a sensor; each robot's `constants.py` names them with their units.
        time: when they were measured, in seconds on the robot's own clock.
    """

    values: Dict[str, np.ndarray]
    time: float


class Robot(abc.ABC):
    """A robot as a task environment sees it; twins and hardware implement the same methods.

    Every method raises `robot_envs.errors.RobotError` when the robot cannot do it.
    """

    @abc.abstractmethod
    def connect(self) -> None:
        """Makes the robot ready to move. Harmless when it already is."""

    @abc.abstractmethod
    def read(self) -> Reading:
        """Returns the newest sensor values and when they were measured."""

    @abc.abstractmethod
    def command(self, values: np.ndarray, seconds: float) -> None:
        """Carries out `values` (A,) and returns when `seconds` have passed on the robot's clock.

        What the values mean, and their units, is in each robot's `constants.py`.
        """

    @abc.abstractmethod
    def stop(self) -> None:
        """Brings the robot to its safe state. Harmless when it is already there."""

    @abc.abstractmethod
    def close(self) -> None:
        """Stops the robot and gives everything back. Harmless when called again."""

    def follows(self) -> bool:
        """Returns whether the robot still follows its last command; a twin does so for ever.

        A real robot does not before its first command, nor when it was in its safe state since: it
        may be anywhere by then, and a person may have carried it.
        """
        return True

    def account(self) -> Dict[str, float]:
        """Returns what is counted about a real robot (clips, vetoes, faults ...); {} for a twin."""
        return {}

    def push(self, impulse: np.ndarray) -> None:
        """Pushes a twin's body during the next command.

        Args:
            impulse: (3,) in newton seconds, in the world's axes.

        Raises:
            RobotError: the robot is real, or its twin cannot be pushed.
        """
        raise RobotError(f'{type(self).__name__} cannot be pushed by a program')

    def set_light(self, light: float) -> None:
        """Sets the brightness of a twin's room; 1 is usual.

        Raises:
            RobotError: the robot is real, or its twin has no light.
        """
        raise RobotError(f'{type(self).__name__} has no light that a program can change')

    def vary(self) -> None:  # noqa: B027  not every twin varies
        """Draws a twin's masses, lamps and so on anew where randomisation is switched on.

        Called at every reset. A real robot is what it is: nothing happens.
        """

    def picture(self) -> Optional[np.ndarray]:
        """Returns a picture for people, uint8 (height, width, 3), or None if there is none."""
        return None
