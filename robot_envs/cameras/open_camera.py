"""Makes the camera that the settings name."""

from __future__ import annotations

import importlib

from robot_envs.cameras.camera import Camera
from robot_envs.cameras.camera_settings import CameraSettings

_CLASSES = {
    'opencv': ('robot_envs.cameras.opencv_camera', 'OpenCVCamera'),
    'realsense': ('robot_envs.cameras.realsense_camera', 'RealSenseCamera'),
    'remote': ('robot_envs.cameras.remote_camera', 'RemoteCamera'),
}


def open_camera(settings: CameraSettings) -> Camera:
    """Returns the camera; the caller closes it.

    Raises:
        RobotError: its extra is not installed, or it cannot be opened.
    """
    module, name = _CLASSES[settings.kind]
    return getattr(importlib.import_module(module), name)(settings)
