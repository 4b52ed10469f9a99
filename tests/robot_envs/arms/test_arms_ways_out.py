"""However the client of an arm, its guardian or its driver ends, the arm stands."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from arm_hardware import ARMS, TIMES, wait_until

from robot_envs.emulators.emulator_process import EmulatorProcess
from robot_envs.emulators.free_address import free_address

pytestmark = pytest.mark.slow  # Processes, real time.
ROOT = Path(__file__).parents[3]
BUSY_SECONDS = 3.0  # What a busy machine may add.


@pytest.fixture(params=sorted(ARMS))
def driven(request):
    """An emulator, its client's process, and the number of the client's guardian."""
    ports = ARMS[request.param].parts.ports
    emulator = EmulatorProcess(request.param, address=free_address(ports))
    client = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name('drive_arm.py')), request.param,
         emulator.address, str(emulator.camera_port)], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, env={**os.environ, 'PYTHONPATH': str(ROOT)},
        start_new_session=True)
    guardian = int(client.stdout.readline())
    wait_until(lambda: emulator.order('truth')['servo'])
    time.sleep(0.5)
    yield emulator, client, guardian
    client.kill()
    client.communicate()
    emulator.close()


def _is_there(pid):
    """Whether the process runs; what is dead but not yet collected does not."""
    try:
        return Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0] != 'Z'
    except FileNotFoundError:
        return False


def _child(pid):
    """Returns the number of a process's only child."""
    children = Path(f'/proc/{pid}/task/{pid}/children').read_text().split()
    assert len(children) == 1
    return int(children[0])


def _stands_after(emulator, ended, seconds):
    wait_until(lambda: emulator.order('truth')['stands'])
    assert emulator.order('truth')['stopped_since'] - ended < seconds + BUSY_SECONDS


@pytest.mark.parametrize('way', [signal.SIGKILL, signal.SIGINT])
def test_client_ends(driven, way):
    emulator, client, guardian = driven
    driver = _child(guardian)
    assert _is_there(guardian) and _is_there(driver)
    ended = time.monotonic()
    os.kill(client.pid, way)
    assert client.wait(30) == -way
    _stands_after(emulator, ended, TIMES.damp_seconds)
    wait_until(lambda: not _is_there(guardian) and not _is_there(driver))


def test_guardian_dies_and_the_driver_stops_the_arm(driven):
    emulator, client, guardian = driven
    driver = _child(guardian)
    ended = time.monotonic()
    os.kill(guardian, signal.SIGKILL)
    _stands_after(emulator, ended, 0.5)
    wait_until(lambda: not _is_there(driver))
    assert 'RobotError: the guardian ' in client.communicate(timeout=90)[1]


def test_driver_dies_and_the_controller_stops_the_arm(driven):
    """The controller's own watchdog is the last one: one second on the emulated UR5."""
    emulator, client, guardian = driven
    ended = time.monotonic()
    os.kill(_child(guardian), signal.SIGKILL)
    _stands_after(emulator, ended, 1.0)
    assert 'hangs or has ended' in client.communicate(timeout=90)[1]
