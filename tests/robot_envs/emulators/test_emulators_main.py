"""The emulators' program."""

import json
import subprocess
import sys
from pathlib import Path

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


def test_neither_process_imports_tensorflow():
    script = ("import sys, robot_envs.emulators.__main__, robot_envs.guardian.__main__\n"
              'import robot_envs.a1.emulator, robot_envs.a1.guarded_a1\n'
              'import robot_envs.sphero.emulator, robot_envs.sphero.guarded_sphero\n'
              "sys.exit('tensorflow' in sys.modules)")
    assert subprocess.run([sys.executable, '-c', script], cwd=ROOT).returncode == 0
