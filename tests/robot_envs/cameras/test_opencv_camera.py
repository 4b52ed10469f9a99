"""Real OpenCV with a file in the place of a device, and the program that serves it."""

import json
import select
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from robot_envs.cameras.camera_settings import CameraSettings
from robot_envs.cameras.open_camera import open_camera
from robot_envs.errors import RobotError

cv2 = pytest.importorskip('cv2')
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope='module')
def film(tmp_path_factory):
    """Three seconds: red at first, then blue."""
    path = str(tmp_path_factory.mktemp('film') / 'film.avi')
    writer = cv2.VideoWriter(path, cv2.VideoWriter_fourcc(*'MJPG'), 20, (64, 48))
    random = np.random.default_rng(0)
    for index in range(60):
        picture = np.zeros((48, 64, 3), np.uint8)
        picture[..., 2 if index < 30 else 0] = 220  # OpenCV has blue first.
        picture[:, :, 1] = random.integers(0, 40, (48, 64))
        writer.write(picture)
    writer.release()
    return path


def test_a_file_plays_in_its_time_and_ends(film):
    camera = open_camera(CameraSettings(source=film, stale_seconds=0.5))
    try:
        frame = camera.read()
        assert frame.image.shape == (48, 64, 3) and frame.image.dtype == np.uint8
        assert frame.image[..., 0].mean() > 180 and frame.image[..., 2].mean() < 60  # Red first.
        began = time.monotonic()
        numbers = set()
        with pytest.raises(RobotError, match='gives no picture any more'):
            while True:
                numbers.add(camera.read().number)
                time.sleep(0.005)
        assert time.monotonic() - began > 1.5
        assert max(numbers) > 40
    finally:
        camera.close()


def test_no_such_source_is_one_line(tmp_path):
    with pytest.raises(RobotError, match='OpenCV cannot open it.*CameraSettings.source'):
        open_camera(CameraSettings(source=str(tmp_path / 'none.avi')))


def test_the_program_serves_a_file(film):
    process = subprocess.Popen(
        [sys.executable, '-m', 'robot_envs.cameras', f'--source={film}', '--address=127.0.7.2',
         '--port=0'], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert select.select([process.stdout], [], [], 60)[0]
        started = json.loads(process.stdout.readline())
        assert (started['height'], started['width']) == (48, 64)
        camera = open_camera(CameraSettings(
            kind='remote', address='127.0.7.2', port=started['port'], stale_seconds=2.0))
        try:
            first = camera.read().number
            time.sleep(0.5)
            assert camera.read().number > first
        finally:
            camera.close()
    finally:
        process.terminate()
        assert process.wait(20) == 0
        process.stdout.close()


def test_a_missing_camera_ends_the_program_with_one_line():
    done = subprocess.run([sys.executable, '-m', 'robot_envs.cameras', '--source=/none.avi',
                           '--address=127.0.7.2', '--port=0'], capture_output=True, text=True,
                          cwd=ROOT, timeout=60)
    lines = [line for line in done.stderr.splitlines() if line.startswith('cameras: error')]
    assert done.returncode == 1 and len(lines) == 1 and 'Traceback' not in done.stderr
