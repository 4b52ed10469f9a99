"""The camera over an emulated arm."""

from __future__ import annotations

import time
from typing import Optional

import numpy as np

from robot_envs.arms import constants
from robot_envs.arms.emulated_arm import EmulatedArm
from robot_envs.cameras.camera_frame import CameraFrame
from robot_envs.cameras.camera_settings import REMOTE_PORT
from robot_envs.cameras.frame_server import FrameServer
from robot_envs.emulators.faults import Faults

_PERIOD_SECONDS = 1 / 15


class EmulatedCamera:
    """Serves the twin's pictures, with the noise of a sensor, for a `RemoteCamera`.

    Attributes:
        port: where it listens.
    """

    def __init__(self, arm: EmulatedArm, address: str, port: Optional[int], faults: Faults, *,
                 seed: int):
        """Listens.

        Args:
            arm: whose pictures.
            address: on this machine.
            port: 0 is any free one, None the usual one.
            faults: 'frozen_camera' and 'disconnect' are this camera's.
            seed: of the noise.

        Raises:
            OSError: the address or the port cannot be used.
        """
        self._arm = arm
        self._faults = faults
        self._server = FrameServer(address, REMOTE_PORT if port is None else port)
        self._random = np.random.default_rng(seed)
        self._number = 0
        self._due = 0.0
        self.port = self._server.port

    def step(self, now: float) -> None:
        """Takes a picture when it is time."""
        wrong = self._faults.values
        if now < self._due or 'frozen_camera' in wrong or 'disconnect' in wrong:
            return
        self._due = now + _PERIOD_SECONDS
        self._number += 1
        image, depth = self._arm.twin.draw()
        if depth is not None:
            depth = (depth + constants.CAMERA_DISTANCE_METERS).astype(np.float32)[..., None]
        noise = self._random.integers(-1, 2, image.shape, np.int16)
        noisy = np.clip(image + noise, 0, 255).astype(np.uint8)
        self._server.publish(CameraFrame(noisy, depth, self._number, time.monotonic()))

    def close(self) -> None:
        """Ends its connections."""
        self._server.close()
