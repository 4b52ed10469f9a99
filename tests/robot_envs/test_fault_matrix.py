"""`make faults` and `make adversary` in short, and that they see what is not as it must be."""

import os
import pathlib
import re
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow
ROOT = pathlib.Path(__file__).resolve().parents[2]


def run(program, *flags):
    return subprocess.run(
        [sys.executable, str(ROOT / "tests/robot_envs" / program), "--robots=a1", *flags],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=600)


def test_every_fault_of_the_a1_once():
    done = run("fault_matrix.py", "--times=1", "--late_seconds=3")
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert done.stdout.count(" x1: safe after") == 6 and ", 0 misses" in done.stdout
    assert "frozen 1           x1: safe after" in done.stdout and "; 300 wanted)" in done.stdout


def test_what_is_too_late_is_a_miss():
    done = run("fault_matrix.py", "--times=1", "--late_seconds=-10")
    assert done.returncode == 1
    assert done.stdout.count("miss: a1, ") >= 6


def test_harmful_commands():
    done = run("adversary.py", "--steps=300")
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    # Most come while another one is under way.
    found = re.search(r"a1: 3\d\d commands, (\d+) of them waited for, of these (\d+) refused, "
                      r"0 faults; .*'vetoes': (\d+)", done.stdout)
    waited, refused, vetoes = (int(number) for number in found.groups())
    assert 0 < refused < waited < 300 and vetoes > refused
