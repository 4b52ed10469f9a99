"""What the emulators of arms have in common."""

from __future__ import annotations

import abc
from typing import Any, List, Optional, Sequence

from robot_envs.arms.emulated_arm import EmulatedArm
from robot_envs.arms.emulated_camera import EmulatedCamera
from robot_envs.arms.twin import ArmModel
from robot_envs.emulators.emulator import Emulator
from robot_envs.emulators.faults import Faults


class ArmEmulator(Emulator):
    """An arm's twin, the camera over it, and the services of a controller."""

    def __init__(self, model: ArmModel, *, port: int, faults: Sequence[str], address: str,
                 camera_port: Optional[int], seed: int):
        """Puts the twin at home and listens.

        Args:
            model: which arm.
            port: where the robot's clients find the controller.
            faults: names of those that it can have.
            address: on this machine, 127.x.y.z; the ports are the robot's own.
            camera_port: where the camera's frames are; 0 is any free one.
            seed: of the objects' places.

        Raises:
            OSError: the address or a port cannot be used; all others are given back.
        """
        self.port = port
        self.faults = Faults(seed=seed, names=faults)
        self._services: List[Any] = []
        try:
            self._listen(address)
            self._arm = EmulatedArm(model, seed=seed)
            self.camera_port = self._add(EmulatedCamera(
                self._arm, address, camera_port, self.faults, seed=seed)).port
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Gives all ports back."""
        for service in self._services:
            service.close()

    @abc.abstractmethod
    def _listen(self, address: str) -> None:
        """Makes the controller's services, and adds each as soon as it is made."""

    def _add(self, service: Any) -> Any:
        """Returns a service that `_step_services` steps and `close` closes."""
        self._services.append(service)
        return service

    def _step_services(self, now: float) -> None:
        for service in self._services:
            service.step(now)
