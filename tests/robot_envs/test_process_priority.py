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
AS_NOBODY = ('import os; from robot_envs.process_priority import raise_priority; os.nice(3); '
             'os.setuid(65534); raise_priority(); print(os.nice(0))')
# Root may always: the kernel's answer to `ulimit -r 0` is put in.
NO_REAL_TIME = """
import os
from robot_envs.process_priority import raise_priority
def refuse(*_):
    raise PermissionError
os.sched_setscheduler = refuse
raise_priority()
print(os.nice(0))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason='only root may raise a priority here')
def test_who_keeps_a_robot_safe_comes_first():
    emulator = EmulatorProcess('a1')
    connection = A1Connection(address=emulator.address, port=emulator.port, local_port=0)
    robot = A1Hardware(connection=connection)
    robot.connect()
    try:
        guardian, board = robot._guardian.pid, emulator._process.pid
        assert [os.sched_getscheduler(pid) for pid in (guardian, board)] == [os.SCHED_RR] * 2
        assert os.sched_getscheduler(0) == os.SCHED_OTHER  # the program itself stays where it was
        if sys.version_info >= (3, 11):
            # One session, so that cores go by priority; a Ctrl-C is for the program only.
            assert [os.getsid(pid) for pid in (guardian, board)] == [os.getsid(0)] * 2
            assert [os.getpgid(pid) for pid in (guardian, board)] == [guardian, board]
    finally:
        robot.close()
        emulator.close()


@pytest.mark.skipif(os.geteuid() != 0, reason='only root may raise a priority here')
def test_niceness_where_real_time_is_not_allowed():
    done = subprocess.run([sys.executable, '-c', NO_REAL_TIME], cwd=ROOT, capture_output=True,
                          text=True)
    assert done.stdout.strip() == '-10', done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason='it has nothing to give up')
def test_without_the_right_to_nothing_changes():
    done = subprocess.run([sys.executable, '-c', AS_NOBODY], cwd=ROOT, capture_output=True,
                          text=True)
    assert done.stdout.strip() == '3', done.stderr
