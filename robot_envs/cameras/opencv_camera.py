"""A camera, a file or a stream, by OpenCV."""

from __future__ import annotations

from typing import Any, Optional

import numpy as np

from robot_envs.cameras.camera import Camera
from robot_envs.cameras.camera_frame import CameraFrame
from robot_envs.cameras.camera_settings import CameraSettings
from robot_envs.clock import Clock
from robot_envs.errors import RobotError


class OpenCVCamera(Camera):
    """What `cv2.VideoCapture` opens: the number of a device, a file or an URL.

    OpenCV has no number of its own for a picture: the ones that it gives are counted here, so a
    driver that repeats its last picture shows only in the content. A file plays in its own time,
    and its end is a camera that has stopped.
    """

    def __init__(self, settings: CameraSettings, clock: Optional[Clock] = None):
        """Opens the camera.

        Raises:
            RobotError: `.[camera]` is not installed, or OpenCV cannot open the source.
        """
        cv2 = _import_cv2()
        source = settings.source
        if isinstance(source, str) and source.isdigit():
            source = int(source)
        super().__init__(f'camera {source}', settings, clock)
        self._capture = cv2.VideoCapture(source)
        if not self._capture.isOpened():
            raise RobotError(f"camera {source}: OpenCV cannot open it: is it there, and not in use "
                             'by another program? CameraSettings.source is the setting')
        for key, value in ((cv2.CAP_PROP_FRAME_WIDTH, settings.width),
                           (cv2.CAP_PROP_FRAME_HEIGHT, settings.height),
                           (cv2.CAP_PROP_FPS, settings.rate_hz)):
            if value:
                self._capture.set(key, value)
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # The newest; not every driver obeys.
        is_file = isinstance(source, str) and '://' not in source
        rate = self._capture.get(cv2.CAP_PROP_FPS) if is_file else 0
        self._period = 1 / rate if rate > 0 else 0.0
        self._number = 0
        self._due = self._clock.now()
        self._start()

    def _grab(self) -> Optional[CameraFrame]:
        if self._period:
            self._clock.sleep(self._due - self._clock.now())
            self._due = max(self._due + self._period, self._clock.now())
        is_there, picture = self._capture.read()
        if not is_there:
            raise RobotError('the camera gives no picture any more')
        self._number += 1
        image = np.ascontiguousarray(picture[..., ::-1])  # OpenCV has blue first.
        return CameraFrame(image, None, self._number, self._clock.now())

    def _release(self) -> None:
        self._capture.release()


def _import_cv2() -> Any:
    try:
        import cv2
    except ImportError as error:
        raise RobotError("a camera by OpenCV needs the extra 'camera': pip install '.[camera]' "
                         f'({error})') from error
    return cv2
