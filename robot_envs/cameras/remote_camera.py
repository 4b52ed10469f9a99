"""A camera on another computer, or an emulated one."""

from __future__ import annotations

import contextlib
import socket
from typing import Optional

from robot_envs.cameras import frame_protocol
from robot_envs.cameras.camera import Camera
from robot_envs.cameras.camera_frame import CameraFrame
from robot_envs.cameras.camera_settings import CameraSettings
from robot_envs.clock import Clock
from robot_envs.errors import RobotError

_SILENT_SECONDS = 1.0  # The server answers every `KEEP_ALIVE_SECONDS`.


class RemoteCamera(Camera):
    """Pictures of a `FrameServer`; connects again when the connection is lost.

    The two machines' clocks are not compared. A picture was taken at the earliest when it was asked
    for, plus what the server waited, less the picture's age there: its way over the network counts
    as age.
    """

    def __init__(self, settings: CameraSettings, clock: Optional[Clock] = None):
        """Connects in the background; `read` waits for the first picture."""
        self._address = settings.address, settings.port
        super().__init__(f'camera at {settings.address}:{settings.port}', settings, clock)
        self._socket: Optional[socket.socket] = None
        self._number = frame_protocol.NO_NUMBER
        self._start()

    def _grab(self) -> Optional[CameraFrame]:
        try:
            if self._socket is None:
                self._socket = socket.create_connection(self._address, _SILENT_SECONDS)
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._number = frame_protocol.NO_NUMBER
            asked = self._clock.now()
            self._socket.sendall(frame_protocol.request(self._number))
            answer = frame_protocol.read_answer(frame_protocol.receiver(self._socket))
        except (OSError, OverflowError, ValueError) as error:
            self._release()
            raise RobotError(f'no connection: {error}') from error
        if answer.frame is None:
            return None
        self._number = answer.frame.number
        return answer.frame._replace(time=asked + answer.waited - answer.age)

    def _release(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()
            self._socket = None
