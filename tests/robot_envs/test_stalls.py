"""More tries for a test that failed while the machine stood still, and for no other."""

import ctypes
import os
import subprocess
import sys
from pathlib import Path

from stalls import STALL_SECONDS, StallWatch

CONFTEST = """
from stalls import run_again_after_a_stall
pytest_runtest_protocol = run_again_after_a_stall
"""
TESTS = """
import ctypes
tries = {'stalled': 0, 'stalling': 0, 'wrong': 0}

def test_fails_in_a_stall():
    tries['stalled'] += 1
    if tries['stalled'] == 1:
        ctypes.PyDLL(None).usleep(900_000)
        assert False, 'the sensors are old'

def test_fails_in_every_stall():
    tries['stalling'] += 1
    ctypes.PyDLL(None).usleep(900_000)
    assert False, 'the sensors are old'

def test_is_wrong():
    tries['wrong'] += 1
    assert tries['wrong'] < 0

def test_counts():
    assert tries['stalled'] == 2 and tries['stalling'] == 3
"""


def test_a_stall_is_noticed():
    with StallWatch() as watch:
        ctypes.PyDLL(None).usleep(900_000)  # with Python's lock held: no thread runs
    assert watch.longest > STALL_SECONDS


def test_only_a_stall_gives_a_second_try(tmp_path):
    (tmp_path / 'conftest.py').write_text(CONFTEST)
    (tmp_path / 'test_tries.py').write_text(TESTS)
    done = subprocess.run(
        [sys.executable, '-m', 'pytest', '-q', '-p', 'no:cacheprovider', str(tmp_path)],
        env={**os.environ, 'PYTHONPATH': str(Path(__file__).parent)}, cwd=tmp_path,
        capture_output=True, text=True, timeout=120)
    assert '1 failed, 2 passed, 1 skipped' in done.stdout, done.stdout + done.stderr
    assert 'FAILED test_tries.py::test_is_wrong' in done.stdout
