"""Pictures over TCP, late, frozen, and with a server that goes and comes back."""

import socket
import threading
import time

import numpy as np
import pytest

from robot_envs.cameras.camera_frame import CameraFrame
from robot_envs.cameras.camera_settings import CameraSettings
from robot_envs.cameras.frame_server import FrameServer
from robot_envs.cameras.open_camera import open_camera
from robot_envs.errors import RobotError

ADDRESS = '127.0.7.2'


def _frame(number, *, age=0.0, depth=False):
    random = np.random.default_rng(number)
    image = random.integers(0, 256, (48, 80, 3), np.uint8)
    meters = random.uniform(0, 4, (48, 80, 1)).astype(np.float32) if depth else None
    return CameraFrame(image, meters, number, time.monotonic() - age)


def _settings(port, **changes):
    return CameraSettings(**{'kind': 'remote', 'address': ADDRESS, 'port': port,
                             'stale_seconds': 1.0, 'connect_seconds': 5.0, **changes})


def _wait_for(camera, number, seconds=5.0):
    deadline = time.monotonic() + seconds
    while True:
        try:
            frame = camera.read()
            if frame.number == number:
                return frame
        except RobotError:
            pass
        assert time.monotonic() < deadline, f'picture {number} does not come'
        time.sleep(0.005)


def _wait_for_error(camera, seconds=5.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            camera.read()
        except RobotError as error:
            assert '\n' not in str(error)
            return str(error)
        time.sleep(0.01)
    raise AssertionError('the camera finds nothing wrong')


@pytest.fixture
def server():
    server = FrameServer(ADDRESS, 0)
    yield server
    server.close()


@pytest.fixture
def camera(server):
    camera = open_camera(_settings(server.port))
    yield camera
    camera.close()


@pytest.mark.parametrize('depth', [False, True])
def test_pictures_arrive_as_they_are(server, camera, depth):
    for number in (4, 5, 3):  # A camera may begin to count anew.
        sent = _frame(number, depth=depth)
        server.publish(sent)
        came = _wait_for(camera, number)
        np.testing.assert_array_equal(came.image, sent.image)
        assert came.image.dtype == np.uint8
        if depth:
            np.testing.assert_array_equal(came.depth, sent.depth)
            assert came.depth.dtype == np.float32
        else:
            assert came.depth is None
        assert came.time <= sent.time + 1e-3  # Never younger than it is ...
        assert came.time > sent.time - 0.5  # ... and not much older.


def test_two_clients(server, camera):
    with_other = open_camera(_settings(server.port))
    server.publish(_frame(1))
    try:
        assert _wait_for(camera, 1).number == _wait_for(with_other, 1).number
    finally:
        with_other.close()


def test_a_picture_that_was_old_when_it_was_sent(server, camera):
    server.publish(_frame(1, age=2.0))
    assert 'old, the limit is 1' in _wait_for_error(camera)


def test_a_server_without_new_pictures_is_stale(server, camera):
    server.publish(_frame(1))
    _wait_for(camera, 1)
    assert 'the newest picture is 1.' in _wait_for_error(camera)
    server.publish(_frame(2))
    _wait_for(camera, 2)


def test_a_frozen_picture_with_new_numbers(server):
    camera = open_camera(_settings(server.port, frozen_seconds=0.3))
    stop = threading.Event()

    def publish():
        number = 0
        while not stop.wait(0.02):
            number += 1
            server.publish(_frame(1)._replace(number=number))
    thread = threading.Thread(target=publish)
    thread.start()
    try:
        assert 'frozen: the picture has been the same' in _wait_for_error(camera)
    finally:
        stop.set()
        thread.join()
        camera.close()


def test_a_server_that_goes_and_comes_back(server, camera):
    server.publish(_frame(1))
    _wait_for(camera, 1)
    server.close()
    line = _wait_for_error(camera)
    assert 'old, the limit is 1' in line and 'no connection' in line
    again = FrameServer(ADDRESS, server.port)
    try:
        again.publish(_frame(9))
        _wait_for(camera, 9)
    finally:
        again.close()


def test_a_silent_server_and_one_of_something_else(server):
    with socket.create_server((ADDRESS, 0)) as other:
        camera = open_camera(_settings(other.getsockname()[1], connect_seconds=0.5))
        connection, _ = other.accept()
        connection.recv(8)
        connection.sendall(b'HTTP/1.1 400 Bad Request' * 10)
        try:
            with pytest.raises(RobotError, match='it is no server of pictures'):
                camera.read()
        finally:
            camera.close()
            connection.close()


def test_nobody_there_is_one_line():
    camera = open_camera(_settings(9, connect_seconds=0.2))
    try:
        with pytest.raises(RobotError, match='127.0.7.2:9: no picture within 0.2 s.*refused'):
            camera.read()
    finally:
        camera.close()
