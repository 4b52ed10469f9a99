"""The camera above an emulated Sphero."""

from __future__ import annotations

import collections
import time
from typing import Deque, Optional, Tuple

import numpy as np

from robot_envs.cameras.camera_frame import CameraFrame
from robot_envs.cameras.frame_server import FrameServer
from robot_envs.emulators.faults import Faults
from robot_envs.sphero.renderer import ArenaRenderer

_PERIOD_SECONDS = 1 / 20
_HEIGHT_PX, _WIDTH_PX = 90, 160
_NOISE = 2  # Of 255, as a sensor's.


class EmulatedCamera:
    """Serves pictures of the arena with the noise of a sensor, for a `RemoteCamera`.

    Of the faults it has 'latency', 'lost' and 'disconnect', and 'frozen_camera': 1 shows the same
    picture under new numbers, 2 gives no new picture.

    Attributes:
        port: where it listens.
    """

    def __init__(self, address: str, port: int, faults: Faults, *, seed: int):
        """Listens.

        Raises:
            OSError: the address or the port cannot be used.
        """
        self._server = FrameServer(address, port)
        self._renderer = ArenaRenderer(_HEIGHT_PX, _WIDTH_PX)
        self._faults = faults
        self._random = np.random.default_rng(seed)
        self._image: Optional[np.ndarray] = None
        self._number = 0
        self._taken = 0.0
        self._under_way: Deque[Tuple[float, CameraFrame]] = collections.deque()
        self.port = self._server.port

    def is_due(self, now: float) -> bool:
        """Whether it is time for a picture."""
        return now - self._taken >= _PERIOD_SECONDS

    def take(self, position: np.ndarray, now: float) -> None:
        """Takes a picture of the robot at `position`, (2,) in arena units."""
        self._taken = now
        wrong = self._faults.values
        if wrong.get('frozen_camera') == 2 or wrong.get('disconnect'):
            return
        if self._random.random() < wrong.get('lost', 0):
            return
        if not wrong.get('frozen_camera') or self._image is None:
            image = self._renderer.draw(position)
            noise = self._random.integers(-_NOISE, _NOISE + 1, image.shape, np.int16)
            self._image = np.clip(image + noise, 0, 255).astype(np.uint8)
        self._number += 1
        frame = CameraFrame(self._image, None, self._number, time.monotonic())
        self._under_way.append((now + wrong.get('latency', 0.0), frame))

    def send(self, now: float) -> None:
        """Shows what has arrived by now."""
        while self._under_way and self._under_way[0][0] <= now:
            self._server.publish(self._under_way.popleft()[1])

    def close(self) -> None:
        """Ends its connections."""
        self._server.close()
