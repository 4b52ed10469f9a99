"""What every emulated controller is to the program that runs it."""

from __future__ import annotations

import abc
from typing import Any, Dict

from robot_envs.emulators.faults import Faults


class Emulator(abc.ABC):
    """A controller on a loopback address; `step` is called again and again and may not block.

    Attributes:
        faults: what it does wrong.
        port: where the robot's clients find it.
        camera_port: where the frames of its camera are served; 0 if it has none.
    """

    faults: Faults
    port: int
    camera_port: int = 0

    @abc.abstractmethod
    def step(self, now: float) -> None:
        """Takes in packets, moves the twin up to the time `now` in seconds, sends its state."""

    @abc.abstractmethod
    def truth(self) -> Dict[str, Any]:
        """Returns what the twin is really doing, for tests; JSON can hold it."""

    @abc.abstractmethod
    def close(self) -> None:
        """Gives its sockets back."""
