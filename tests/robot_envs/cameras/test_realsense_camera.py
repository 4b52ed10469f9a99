"""pyrealsense2's own frames, from its software device. No camera was ever connected."""

import numpy as np
import pytest

from robot_envs.cameras.camera_settings import CameraSettings
from robot_envs.cameras.realsense_camera import RealSenseCamera, to_frame
from robot_envs.errors import RobotError

try:
    import pyrealsense2 as rs
except ImportError as missing:  # Also when the system has no libusb.
    pytest.skip(f'pyrealsense2: {missing}', allow_module_level=True)

HEIGHT, WIDTH = 48, 64


def _stream(device, kind, form, uid, bytes_a_pixel):
    intrinsics = rs.intrinsics()
    intrinsics.width, intrinsics.height = WIDTH, HEIGHT
    intrinsics.fx = intrinsics.fy = 60
    intrinsics.ppx, intrinsics.ppy = WIDTH / 2, HEIGHT / 2
    stream = rs.video_stream()
    stream.type, stream.fmt, stream.uid, stream.index = kind, form, uid, 0
    stream.width, stream.height, stream.fps, stream.bpp = WIDTH, HEIGHT, 30, bytes_a_pixel
    stream.intrinsics = intrinsics
    sensor = device.add_sensor(str(kind))
    return sensor, sensor.add_video_stream(stream, True)


def _show(sensor, profile, pixels, number):
    frame = rs.software_video_frame()
    frame.pixels = pixels
    frame.stride = pixels.strides[0]
    frame.bpp = pixels.strides[1]
    frame.timestamp = number * 33.0
    frame.domain = rs.timestamp_domain.hardware_clock
    frame.frame_number = number
    frame.profile = profile.as_video_stream_profile()
    if pixels.dtype == np.uint16:
        frame.depth_units = 0.001
    sensor.on_video_frame(frame)


def test_frames_of_the_software_device():
    device = rs.software_device()
    color, color_profile = _stream(device, rs.stream.color, rs.format.rgb8, 0, 3)
    depth, depth_profile = _stream(device, rs.stream.depth, rs.format.z16, 1, 2)
    queues = {}
    for sensor, profile in ((color, color_profile), (depth, depth_profile)):
        queues[sensor] = rs.frame_queue(10)
        sensor.open(profile)
        sensor.start(queues[sensor])
    image = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    millimeters = np.full((HEIGHT, WIDTH), 1500, np.uint16)
    try:
        _show(color, color_profile, image, 7)
        _show(depth, depth_profile, millimeters, 7)
        came = queues[color].wait_for_frame(5000).as_video_frame()
        came_depth = queues[depth].wait_for_frame(5000).as_depth_frame()
        frame = to_frame(came, came_depth, 12.5)
    finally:
        for sensor in (color, depth):
            sensor.stop()
            sensor.close()
    np.testing.assert_array_equal(frame.image, image)
    assert frame.depth.shape == (HEIGHT, WIDTH, 1) and frame.depth.dtype == np.float32
    np.testing.assert_allclose(frame.depth, 1.5, atol=1e-6)
    assert (frame.number, frame.time) == (7, 12.5)
    assert to_frame(came, None, 0.0).depth is None


def test_no_camera_is_one_line():
    with pytest.raises(RobotError, match='it cannot be started.*CameraSettings'):
        RealSenseCamera(CameraSettings(kind='realsense', source='no such', depth=True))
