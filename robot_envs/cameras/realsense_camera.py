"""Intel RealSense cameras."""

from __future__ import annotations

from typing import Any, Optional

import numpy as np

from robot_envs.cameras.camera import Camera
from robot_envs.cameras.camera_frame import CameraFrame
from robot_envs.cameras.camera_settings import CameraSettings
from robot_envs.clock import Clock
from robot_envs.errors import RobotError

_WAIT_MS = 500
_RATE_HZ = 30
_SIZE_PX = (640, 480)


class RealSenseCamera(Camera):
    """Colour and, if it is wanted, depth in the colour picture's pixels."""

    def __init__(self, settings: CameraSettings, clock: Optional[Clock] = None):
        """Starts the camera.

        Raises:
            RobotError: `.[realsense]` is not installed, or there is no such camera.
        """
        self._rs = import_realsense()
        super().__init__(f"RealSense {settings.source or 'camera'}", settings, clock)
        config = self._rs.config()
        if settings.source:
            config.enable_device(str(settings.source))
        size = settings.width or _SIZE_PX[0], settings.height or _SIZE_PX[1]
        rate = settings.rate_hz or _RATE_HZ
        config.enable_stream(self._rs.stream.color, *size, self._rs.format.rgb8, rate)
        if settings.depth:
            config.enable_stream(self._rs.stream.depth, *size, self._rs.format.z16, rate)
        self._align = self._rs.align(self._rs.stream.color) if settings.depth else None
        self._pipeline = self._rs.pipeline()
        try:
            self._pipeline.start(config)
        except RuntimeError as error:
            raise RobotError(f'{self._name}: it cannot be started ({error}); CameraSettings has '
                             'source, width, height and rate_hz') from error
        self._start()

    def _grab(self) -> Optional[CameraFrame]:
        try:
            frames = self._pipeline.wait_for_frames(_WAIT_MS)
            now = self._clock.now()
            if self._align is not None:
                frames = self._align.process(frames)
            return to_frame(frames.get_color_frame(), frames.get_depth_frame(), now)
        except RuntimeError as error:  # of a half set of frames, too
            raise RobotError(str(error)) from error

    def _release(self) -> None:
        self._pipeline.stop()


def to_frame(color: Any, depth: Any, now: float) -> CameraFrame:
    """Returns pyrealsense2's frames, rgb8 and z16, as one; without `depth` (falsy) the depth is
    None.

    Args:
        color: a `video_frame`, rgb8.
        depth: a `depth_frame` of the same size.
        now: when they came, in seconds of this machine.
    """
    image = np.array(np.asanyarray(color.get_data()), np.uint8)
    meters = None
    if depth:
        raw = np.asanyarray(depth.get_data()).astype(np.float32)
        meters = (raw * depth.get_units())[..., None].astype(np.float32)
    return CameraFrame(image, meters, int(color.get_frame_number()), now)


def import_realsense() -> Any:
    """Returns the module pyrealsense2.

    Raises:
        RobotError: it, or the system's libusb, is not installed.
    """
    try:
        import pyrealsense2
    except ImportError as error:
        raise RobotError("a RealSense camera needs the extra 'realsense' and the system's "
                         "libusb-1.0: pip install '.[realsense]', apt-get install libusb-1.0-0 "
                         f'({error})') from error
    return pyrealsense2
