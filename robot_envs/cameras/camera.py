"""What every camera is to a robot."""

from __future__ import annotations

import abc
import threading
from typing import Optional

import numpy as np

from robot_envs.cameras.camera_frame import CameraFrame
from robot_envs.cameras.camera_settings import CameraSettings
from robot_envs.clock import Clock
from robot_envs.errors import RobotError

_AGAIN_SECONDS = 0.1
_END_SECONDS = 3.0


class Camera(abc.ABC):
    """Takes pictures in a thread of its own and gives the newest, unless something is wrong.

    A camera's own class says how a picture is grabbed; this one refuses pictures that are too old,
    or whose number or content has stood still (`CameraSettings`). It goes on by itself when the
    camera does.
    """

    def __init__(self, name: str, settings: CameraSettings, clock: Optional[Clock] = None):
        """Keeps the settings; the camera's own class opens it and then calls `_start`.

        Args:
            name: begins every error.
            settings: when it counts as broken.
            clock: the machine's own if None.
        """
        self._name = name
        self._settings = settings
        self._clock = clock or Clock()
        self._changed = threading.Condition()
        self._frame: Optional[CameraFrame] = None
        self._content_time = 0.0  # Of the first picture with the newest one's content.
        self._repeats = 0  # How often the newest one's number has come again.
        self._trouble = ''
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def has_frame(self) -> bool:
        """Whether a picture has ever come; before, `read` waits."""
        return self._frame is not None

    def read(self) -> CameraFrame:
        """Returns the newest picture, at once but for the first one.

        Raises:
            RobotError: no picture has come in time, the newest is too old, or it stands still; the
                line says which.
        """
        settings = self._settings
        with self._changed:
            if self._frame is None:
                self._changed.wait_for(lambda: self._frame is not None or self._closed,
                                       settings.connect_seconds)
            frame, content_time = self._frame, self._content_time
        if frame is None:
            raise RobotError(f'{self._name}: no picture within {settings.connect_seconds:g} s'
                             + self._reason())
        age = self._clock.now() - frame.time
        if age > settings.stale_seconds:
            raise RobotError(f'{self._name}: the newest picture is {age:.2f} s old, the limit is '
                             f'{settings.stale_seconds:g}' + self._reason())
        same = frame.time - content_time
        if settings.frozen_seconds and same > settings.frozen_seconds:
            raise RobotError(f'{self._name}: the camera is frozen: the picture has been the same '
                             f'for {same:.2f} s, the limit is {settings.frozen_seconds:g}')
        return frame

    def close(self) -> None:
        """Lets go of the camera. Harmless when called again."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(_END_SECONDS)
        self._release()

    @abc.abstractmethod
    def _grab(self) -> Optional[CameraFrame]:
        """Waits for a picture, half a second or so; returns None if none came.

        Raises:
            RobotError: why none can come now; it is tried again.
        """

    @abc.abstractmethod
    def _release(self) -> None:
        """Gives the device or the connection back; the thread has ended or hangs in `_grab`."""

    def _start(self) -> None:
        self._thread.start()

    def _run(self) -> None:
        while not self._closed:
            try:
                frame = self._grab()
                if frame is not None:
                    self._take(frame)
                    self._trouble = ''
            except Exception as error:  # `read` tells it, if no newer picture comes
                self._trouble = _one_line(error)
                with self._changed:
                    self._changed.wait_for(lambda: self._closed, _AGAIN_SECONDS)

    def _take(self, frame: CameraFrame) -> None:
        with self._changed:
            before = self._frame
            if before is not None and frame.number == before.number:
                self._repeats += 1
                return
            self._repeats = 0
            if before is None or not np.array_equal(frame.image, before.image):
                self._content_time = frame.time
            self._frame = frame
            self._changed.notify_all()

    def _reason(self) -> str:
        if self._trouble:
            return f' ({self._trouble})'
        if self._repeats:
            return ' (the camera is frozen: its number of the picture stands)'
        return ''


def _one_line(error: Exception) -> str:
    text = ' '.join(str(error).split())
    return text if isinstance(error, RobotError) else f'{type(error).__name__}: {text}'
