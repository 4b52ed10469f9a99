"""However the client of an A1 ends, the motors end damped and no process stays."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from robot_envs.emulators.emulator_process import EmulatorProcess
from robot_envs.guardian.times import GuardianTimes

ROOT = Path(__file__).parents[3]
BUSY_SECONDS = 2.0  # What a busy machine may add.


@pytest.fixture
def emulator():
    emulator = EmulatorProcess('a1')
    yield emulator
    emulator.close()


def _until(condition, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, 'it did not happen'
        time.sleep(0.01)


def _is_there(pid):
    """Whether the process runs; what is dead but not yet collected does not."""
    try:
        return Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0] != 'Z'
    except FileNotFoundError:
        return False


@pytest.mark.parametrize('way', [
    signal.SIGKILL, pytest.param(signal.SIGINT, marks=pytest.mark.slow),
    pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_client_ends(emulator, way):
    client = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name('drive_a1.py')), emulator.address,
         str(emulator.port)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env={**os.environ, 'PYTHONPATH': str(ROOT)}, start_new_session=True)
    guardian = int(client.stdout.readline())
    _until(lambda: emulator.order('truth')['servo'])
    time.sleep(0.3)
    ended = time.monotonic()
    os.kill(client.pid, way)
    client.wait(20)
    client.stdout.close()
    _until(lambda: not emulator.order('truth')['servo'])
    assert emulator.order('truth')['damped_since'] - ended < (
        GuardianTimes().damp_seconds + BUSY_SECONDS)
    _until(lambda: not _is_there(guardian))


@pytest.mark.slow
def test_guardian_dies_and_the_motors_damp(emulator):
    """The motor board's own watchdog is the last one."""
    client = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name('drive_a1.py')), emulator.address,
         str(emulator.port)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, 'PYTHONPATH': str(ROOT)})
    guardian = int(client.stdout.readline())
    _until(lambda: emulator.order('truth')['servo'])
    os.kill(guardian, signal.SIGKILL)
    _, error = client.communicate(timeout=90)
    assert 'RobotError: the guardian ' in error
    _until(lambda: not emulator.order('truth')['servo'])


@pytest.mark.slow
def test_emulator_ends_with_its_parent():
    script = ('from robot_envs.emulators.emulator_process import EmulatorProcess; import time\n'
              "print(EmulatorProcess('a1')._process.pid, flush=True); time.sleep(100)")
    parent = subprocess.Popen([sys.executable, '-c', script], stdout=subprocess.PIPE, text=True,
                              env={**os.environ, 'PYTHONPATH': str(ROOT)})
    emulator = int(parent.stdout.readline())
    assert _is_there(emulator)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    _until(lambda: not _is_there(emulator))
