"""The emulators' program."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from robot_envs.emulators.free_address import free_address
from robot_envs.errors import RobotError

ROOT = Path(__file__).parents[3]


def _run(*words, orders=''):
    return subprocess.run([sys.executable, '-m', 'robot_envs.emulators', *words], input=orders,
                          capture_output=True, text=True, cwd=ROOT, timeout=60)


def test_it_obeys_its_standard_input():
    done = _run('--robot=a1', '--port=0', '--until_eof', orders='lost 0.5\nsharks\ntruth\n')
    assert done.returncode == 0, done.stderr
    started, lost, unknown, truth = map(json.loads, done.stdout.splitlines())
    assert started['address'] == '127.0.7.1' and started['port'] > 0
    assert lost['faults'] == {'lost': 0.5}
    assert "unknown fault 'sharks'" in unknown['error']
    assert len(truth['joint_angles']) == 12 and not truth['servo']


def test_it_emulates_a_sphero_and_its_camera():
    done = _run('--robot=sphero', '--port=0', '--until_eof', orders='battery 1\ntruth\n')
    assert done.returncode == 0, done.stderr
    started, battery, truth = map(json.loads, done.stdout.splitlines())
    assert started['camera_port'] == started['port'] > 0
    assert battery['faults'] == {'battery': 1.0}
    assert truth['motors'] == [0, 0] and not truth['connected']


def test_wrong_address_is_one_line():
    done = _run('--robot=a1', '--address=8.8.8.8')
    assert done.returncode == 1 and done.stdout == ''
    assert len(done.stderr.splitlines()) == 1 and 'cannot listen at 8.8.8.8' in done.stderr


@pytest.mark.parametrize('robot', ['ur5', 'xarm'])
def test_an_arm_obeys_too(robot):
    done = _run(f'--robot={robot}', '--address=127.0.7.93', '--port=0', '--until_eof',
                orders='lost 0.5\nemergency_stop 1\ntruth\n')
    assert done.returncode == 0, done.stderr
    started, lost, pressed, truth = map(json.loads, done.stdout.splitlines())
    assert started['camera_port'] > 0
    assert "unknown fault 'lost'" in lost['error']  # TCP loses nothing.
    assert pressed['faults'] == {'emergency_stop': 1}
    assert truth['stands'] and len(truth['pose']) == 6


@pytest.mark.skipif(os.geteuid() != 0, reason='everybody may listen, or nobody here')
def test_a_port_that_only_root_may_use_is_one_line():
    with pytest.raises(RobotError, match='only root may listen at port 502'):
        _as_nobody(lambda: free_address([502]))


def _as_nobody(what):
    os.seteuid(65534)
    try:
        what()
    finally:
        os.seteuid(0)


def test_neither_process_imports_tensorflow():
    script = ("import sys, robot_envs.emulators.__main__, robot_envs.guardian.__main__\n"
              'import robot_envs.a1.emulator, robot_envs.a1.guarded_a1\n'
              'import robot_envs.sphero.emulator, robot_envs.sphero.guarded_sphero\n'
              'import robot_envs.ur5.emulator, robot_envs.ur5.guarded_ur5, robot_envs.ur5.driver\n'
              'import robot_envs.xarm.emulator, robot_envs.xarm.guarded_xarm\n'
              'import robot_envs.xarm.driver, robot_envs.arms.driver_process\n'
              "assert not {'rtde_control', 'xarm'} & set(sys.modules), 'a vendor'\n"
              "sys.exit('tensorflow' in sys.modules)")
    assert subprocess.run([sys.executable, '-c', script], cwd=ROOT).returncode == 0
