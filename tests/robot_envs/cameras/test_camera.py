"""Late and frozen pictures are refused."""

import numpy as np
import pytest
from queued_camera import QueuedCamera

from robot_envs.cameras.camera_frame import CameraFrame
from robot_envs.cameras.camera_settings import CameraSettings
from robot_envs.cameras.crop import crop
from robot_envs.errors import RobotError


class SetClock:
    def __init__(self):
        self.time = 100.0

    def now(self):
        return self.time


def _frame(number, time, grey=None):
    return CameraFrame(np.full((4, 6, 3), number if grey is None else grey, np.uint8), None, number,
                       time)


@pytest.fixture
def clock():
    return SetClock()


@pytest.fixture
def camera(clock):
    camera = QueuedCamera(CameraSettings(stale_seconds=0.3, frozen_seconds=1.0,
                                         connect_seconds=0.05), clock)
    yield camera
    camera.close()


def test_the_newest_is_given_again_and_again(camera):
    assert not camera.has_frame
    camera.put(_frame(1, 99.8))
    camera.put(_frame(2, 99.9))
    assert camera.has_frame
    assert camera.read().number == camera.read().number == 2


def test_no_picture_in_time(camera):
    with pytest.raises(RobotError, match='camera: no picture within 0.05 s$'):
        camera.read()
    camera.put(RobotError('unplugged'))
    with pytest.raises(RobotError, match=r'no picture within 0.05 s \(unplugged\)'):
        camera.read()


def test_whatever_grabbing_meets_is_one_line_and_it_goes_on(camera):
    camera.put(ValueError('a frame of 3 bytes\nexpected 921600'))
    with pytest.raises(RobotError) as caught:
        camera.read()
    assert str(caught.value) == (
        'camera: no picture within 0.05 s (ValueError: a frame of 3 bytes expected 921600)')
    camera.put(_frame(1, 99.9))
    assert camera.read().number == 1


def test_late_pictures_are_refused_and_newer_ones_are_not(camera, clock):
    camera.put(_frame(1, 99.9))
    clock.time += 0.15
    assert camera.read().number == 1
    clock.time += 0.1
    with pytest.raises(RobotError, match='the newest picture is 0.35 s old, the limit is 0.3'):
        camera.read()
    camera.put(_frame(2, 99.9))  # New, but it was long under way.
    with pytest.raises(RobotError, match='0.35 s old'):
        camera.read()
    camera.put(_frame(3, 100.2))
    assert camera.read().number == 3


def test_a_number_that_stands_is_frozen(camera, clock):
    for step in range(5):
        clock.time += 0.1
        camera.put(_frame(7, clock.time, grey=step))
    with pytest.raises(RobotError, match='frozen: its number of the picture stands'):
        camera.read()
    camera.put(_frame(8, clock.time))
    assert camera.read().number == 8


def test_content_that_stands_is_frozen_though_numbers_go_on(camera, clock):
    for step in range(11):
        camera.put(_frame(step, clock.time, grey=5))
        assert camera.read().number == step
        clock.time += 0.1
    camera.put(_frame(11, clock.time, grey=5))
    with pytest.raises(RobotError, match='frozen: the picture has been the same for 1.10 s'):
        camera.read()
    camera.put(_frame(12, clock.time, grey=6))
    assert camera.read().number == 12


def test_close_lets_go_once(camera):
    camera.close()
    camera.close()
    assert camera.released == 1


def test_crop_and_resize():
    image = np.zeros((40, 80, 3), np.uint8)
    image[10:30, 20:60] = 200
    depth = np.zeros((40, 80, 1), np.float32)
    depth[10:30, 20:40] = 1.5
    depth[10:30, 40:60] = 2.5
    frame = CameraFrame(image, depth, 3, 1.0)
    cut = crop(frame, CameraSettings(crop=(0.25, 0.25, 0.75, 0.75), size=(10, 20)))
    assert cut.image.shape == (10, 20, 3) and np.all(cut.image == 200)
    assert cut.depth.shape == (10, 20, 1) and cut.depth.dtype == np.float32
    assert np.all(cut.depth[:, :10] == 1.5) and np.all(cut.depth[:, 10:] == 2.5)
    whole = crop(frame, CameraSettings(size=(10, 20)))
    assert whole.image.mean() == pytest.approx(image.mean(), abs=0.5)
    assert (cut.number, cut.time) == (3, 1.0)


@pytest.mark.parametrize('settings,line', [
    ({'kind': 'sharks'}, 'kind must be one of opencv, realsense, remote'),
    ({'crop': (0.5, 0.0, 0.5, 1.0)}, 'crop must be left, top'),
    ({'crop': (0.0, 0.0, 1.0)}, 'crop must be left, top'),
    ({'size': (64,)}, 'size must be height and width'),
    ({'stale_seconds': 0.0}, 'stale_seconds must be positive'),
    ({'frozen_seconds': -1.0}, 'frozen_seconds must be at least 0'),
])
def test_wrong_settings_are_one_line(settings, line):
    with pytest.raises(RobotError, match=line):
        CameraSettings(**settings)
