"""What the guardian asks of a robot."""

from __future__ import annotations

import abc
import collections
from typing import Any, Counter, Dict, Optional

from robot_envs.guardian.fault import Fault


class GuardedRobot(abc.ABC):
    """A robot's connection, limits and safe state; nothing here may block.

    Each robot has one in its own folder, which the guardian's process makes and drives: `receive`,
    then one of `move`, `hold` and `damp`, in every period.

    Attributes:
        counts: of 'clips' and 'bad_packets'.
        period_seconds: how often a packet is sent.
    """

    def __init__(self, *, period_seconds: float):
        """Counts from zero."""
        self.counts: Counter[str] = collections.Counter(clips=0, bad_packets=0)
        self.period_seconds = period_seconds

    @property
    @abc.abstractmethod
    def is_heard(self) -> bool:
        """Whether the robot has ever answered."""

    @abc.abstractmethod
    def receive(self, now: float) -> Optional[Fault]:
        """Takes in what the robot has sent and returns what is wrong with it, or None.

        Args:
            now: in seconds, of the guardian's clock.
        """

    @abc.abstractmethod
    def begin(self, values: Any, seconds: float, *, go_on: bool) -> Optional[float]:
        """Takes a command; returns how long it will take, None for `seconds`.

        Args:
            values: as in the robot's `constants.py`.
            seconds: for the command.
            go_on: whether to start from the command before; else from what is measured.

        Raises:
            ValueError: vetoed; the text says why.
        """

    @abc.abstractmethod
    def move(self, fraction: float) -> None:
        """Sends the target for when `fraction` (0 to 1) of the command's time has passed."""

    @abc.abstractmethod
    def hold(self) -> None:
        """Sends the target of the last `move` again."""

    @abc.abstractmethod
    def damp(self) -> None:
        """Sends the safe state: the joints give way slowly, or the motors stop."""

    def recover(self) -> None:  # noqa: B027  most faults end by themselves
        """Begins what the vendor says after a fault; called again and again until it has ended."""

    @abc.abstractmethod
    def reading(self, now: float) -> Optional[Dict[str, Any]]:
        """Returns {'values': {sensor: list}, 'time': seconds on the robot's clock, 'age': s}.

        None if the robot has told nothing but what is wrong.
        """

    @abc.abstractmethod
    def close(self) -> None:
        """Gives the connection back."""
