"""What is not installed is told in one line."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize('package,statement,extra', [
    ('spherov2', 'import robot_envs.sphero.ollie', "'.[sphero]'"),
    ('cv2', 'from robot_envs.cameras.opencv_camera import OpenCVCamera as C; C(S())',
     "'.[camera]'"),
    ('pyrealsense2', 'from robot_envs.cameras.realsense_camera import RealSenseCamera as C; C(S())',
     "'.[realsense]'")])
def test_a_missing_package_names_its_extra(package, statement, extra):
    script = ('import sys\n'
              f"sys.modules['{package}'] = None\n"
              'from robot_envs.cameras.camera_settings import CameraSettings as S\n'
              'from robot_envs.errors import RobotError\n'
              'try:\n'
              f'    {statement}\n'
              'except RobotError as error:\n'
              '    print(error)\n')
    done = subprocess.run([sys.executable, '-c', script], cwd=ROOT, capture_output=True, text=True,
                          timeout=120)
    assert extra in done.stdout and len(done.stdout.splitlines()) == 1, done.stderr
