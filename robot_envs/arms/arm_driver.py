"""What the process that talks to an arm asks of the vendor's client library."""

from __future__ import annotations

import abc
from typing import NamedTuple, Optional

import numpy as np

from robot_envs.guardian.fault import Fault


class ArmState(NamedTuple):
    """What an arm tells about itself.

    Attributes:
        joint_angles: (N,) radians.
        joint_velocities: (N,) radians a second.
        joint_torques: (N,) newton metres.
        pose: (6,) of the tool point in the base frame, metres and a rotation vector in radians.
        gripper_position: 0 open, 1 closed.
        time: seconds on the controller's clock; it stands when the state does.
    """

    joint_angles: np.ndarray
    joint_velocities: np.ndarray
    joint_torques: np.ndarray
    pose: np.ndarray
    gripper_position: float
    time: float


class ArmDriver(abc.ABC):
    """An arm through its vendor's library; each arm has one in its own folder.

    Calls may block for a while, which is why a process of its own makes them. None of them clears
    an error but `recover`.
    """

    @abc.abstractmethod
    def connect(self) -> None:
        """Connects, and makes the arm ready to be servoed; it does not move.

        Raises:
            DriverError: it is not there, or something is wrong with it.
        """

    @abc.abstractmethod
    def state(self) -> ArmState:
        """Returns the newest state.

        Raises:
            DriverError: there is none.
        """

    @abc.abstractmethod
    def fault(self) -> Optional[Fault]:
        """Returns what the controller says is wrong, or None."""

    @abc.abstractmethod
    def servo(self, pose: np.ndarray, gripper: float) -> None:
        """Sends a target for now, (6,) as in `ArmState`, and for the gripper; called in every
        period."""

    @abc.abstractmethod
    def stop(self) -> None:
        """Brakes and stays; called in every period in which the arm shall stand."""

    @abc.abstractmethod
    def recover(self) -> None:
        """Does what the vendor says after a fault that a program may end, then connects.

        That takes seconds. It is called after a `connect` that did not work, too.

        Raises:
            DriverError: it did not help; with the fault 'connection' another process tries again.
        """

    @abc.abstractmethod
    def close(self) -> None:
        """Stops the arm and disconnects."""
