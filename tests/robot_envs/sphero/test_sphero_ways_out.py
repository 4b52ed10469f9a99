"""However the client of a Sphero or its guardian ends, the motors end off."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from robot_envs.emulators.emulator_process import EmulatorProcess
from robot_envs.guardian.times import GuardianTimes
from robot_envs.sphero import radio_protocol
from robot_envs.sphero.limits import SpheroLimits

pytest.importorskip('spherov2')
ROOT = Path(__file__).parents[3]
BUSY_SECONDS = 3.0  # What a busy machine may add.


@pytest.fixture(scope='module')
def emulator():
    emulator = EmulatorProcess('sphero', address='127.0.7.4')
    yield emulator
    emulator.close()


def _until(condition, seconds=30.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _are_on(emulator):
    return emulator.order('truth')['motors'] != [0, 0]


@pytest.mark.parametrize('who,way', [
    ('client', signal.SIGKILL), pytest.param('client', signal.SIGINT, marks=pytest.mark.slow),
    ('guardian', signal.SIGKILL), pytest.param('guardian', signal.SIGTERM, marks=pytest.mark.slow)])
def test_the_motors_end_off(emulator, who, way):
    client = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name('drive_sphero.py')), emulator.address,
         str(emulator.port)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env={**os.environ, 'PYTHONPATH': str(ROOT)}, start_new_session=True)
    guardian = int(client.stdout.readline())
    _until(lambda: _are_on(emulator))
    time.sleep(0.3)
    ended = time.monotonic()
    os.kill(client.pid if who == 'client' else guardian, way)
    client.wait(90)
    client.stdout.close()
    _until(lambda: not _are_on(emulator))
    # A dead guardian leaves it to the robot itself: the link, then the motion timeout.
    bound = max(GuardianTimes().damp_seconds, radio_protocol.SUPERVISION_SECONDS,
                SpheroLimits().motion_timeout_seconds)
    assert emulator.order('truth')['off_since'] - ended < bound + BUSY_SECONDS
