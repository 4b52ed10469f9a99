"""Guardian and emulator run before the other programs of the machine, if they may."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from robot_envs.a1.connection import A1Connection
from robot_envs.a1.hardware import A1Hardware
from robot_envs.emulators.emulator_process import EmulatorProcess

ROOT = Path(__file__).resolve().parents[2]
AUTOGROUP = Path('/proc/self/autogroup')
AS_NOBODY = ('import os; from robot_envs.process_priority import raise_priority; os.nice(3); '
             'os.setuid(65534); raise_priority(); print(os.nice(0))')


@pytest.mark.skipif(os.geteuid() != 0, reason='only root may raise a priority here')
def test_who_keeps_a_robot_safe_comes_first():
    emulator = EmulatorProcess('a1')
    connection = A1Connection(address=emulator.address, port=emulator.port, local_port=0)
    robot = A1Hardware(connection=connection)
    robot.connect()
    try:
        guardian, board = robot._guardian.pid, emulator._process.pid
        assert [os.getpriority(os.PRIO_PROCESS, pid) for pid in (guardian, board)] == [-10, -10]
        assert os.nice(0) > -10  # the program itself stays where it was
        if AUTOGROUP.exists():
            groups = [Path(f'/proc/{pid}/autogroup').read_text() for pid in (guardian, board)]
            assert all(group.endswith('nice -10\n') for group in groups), groups
            assert 'nice -10' not in AUTOGROUP.read_text()
    finally:
        robot.close()
        emulator.close()


@pytest.mark.skipif(os.geteuid() != 0, reason='it has nothing to give up')
def test_without_the_right_to_nothing_changes():
    done = subprocess.run([sys.executable, '-c', AS_NOBODY], cwd=ROOT, capture_output=True,
                          text=True)
    assert done.stdout.strip() == '3', done.stderr
