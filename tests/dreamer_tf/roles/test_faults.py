"""Real processes, killed with SIGKILL and started again: nothing that was recorded is lost."""

import os
import pathlib
import subprocess
import sys
import time

import pytest
from role_process import FOLDER, ROOT, RoleProcess

from dreamer_tf.roles.addresses import free_port

pytestmark = pytest.mark.slow
KILLS = 3  # with this seed each role once; `make chaos` makes 50


@pytest.fixture
def run(tmp_path):
    """Makes the processes of one run; ends them after the test."""
    replay, weights = free_port(), free_port()
    made = []

    def make(role, *flags):
        process = RoleProcess(role, tmp_path, replay, weights, *flags)
        made.append(process)
        return process

    make.folder = tmp_path
    yield make
    for process in made:
        if process.running():
            process.kill()


def test_nothing_is_lost_whoever_is_killed():
    """As `make chaos` runs it: a process that has not talked to other servers before."""
    command = [sys.executable, str(FOLDER / "chaos.py"), f"--kills={KILLS}", "--seed=3",
               "--pause_seconds=2"]
    result = subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
                            capture_output=True, text=True, timeout=800)
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-1000:]
    assert "nothing lost, nothing doubled, nothing hung" in result.stdout
    for role in ("replay", "learner", "actor"):
        assert result.stdout.count(f"kills the {role}") == 1, result.stdout


def test_a_port_in_use_and_a_folder_in_use_end_with_one_line(run):
    run("replay").start().until_it_says("sequences of")
    second = run("replay").start()
    assert second.wait(60) == 1
    assert "in use by another run" in second.text and "Traceback" not in second.text
    third = run("replay", f"--logdir={run.folder / 'other'}").start()
    assert third.wait(120) == 1
    assert "cannot be used for the replay server" in third.text
    assert "Traceback" not in third.text


def test_no_role_survives_its_launcher(run):
    local = run("local").start()
    local.until_it_says("replay: 0 sequences")
    children = children_of(local.pid)
    assert len(children) == 4
    local.kill()
    end = time.monotonic() + 10
    while any(alive(child) for child in children) and time.monotonic() < end:
        time.sleep(0.1)
    assert [child for child in children if alive(child)] == []


def children_of(pid):
    return [int(n) for n in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
