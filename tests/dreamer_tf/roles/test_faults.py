"""Real processes, killed with SIGKILL and started again: nothing that was recorded is lost."""

import os
import json
import pathlib
import time

import pytest
import reverb
from role_process import RoleProcess
from table_content import last_steps

from dreamer_tf.roles.addresses import free_port
from dreamer_tf.roles.bulletin import BulletinReader
from dreamer_tf.roles.inbox import STATUS_BULLETIN
from dreamer_tf.roles.link import Link

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif("FAULTS" not in os.environ, reason="minutes of killing: make test-faults"),
]
LENGTH = 8  # of the debug preset
# The robot is fast, its first steps are random (so that no learner is needed), and the replay
# gives as many samples as the test likes.
SETTINGS = ["--gin_bindings=ActorRole.rate_hz = 20", "--gin_bindings=Trainer.prefill_steps = 5000",
            "--gin_bindings=Trainer.replay_ratio = 1000000", "--env_steps=900",
            "--gin_bindings=Trainer.checkpoint_every_minutes = 0.05"]


@pytest.fixture
def run(tmp_path):
    """Makes the processes of one run; ends them after the test."""
    replay, weights = free_port(), free_port()
    made = []

    def make(role, *flags):
        process = RoleProcess(role, tmp_path, replay, weights, *SETTINGS, *flags)
        made.append(process)
        return process

    make.address = f"localhost:{replay}"
    make.folder = tmp_path
    yield make
    for process in made:
        if process.running():
            process.kill()


def status_of(address, condition, seconds=120):
    """The replay's status as soon as it fulfils the condition."""
    reader = BulletinReader(Link(address, "replay", lambda _: None), STATUS_BULLETIN)
    end = time.monotonic() + seconds
    while True:
        try:
            status = reader.read()
        except Exception:
            status = None
        if status is not None and condition(status):
            return status
        assert time.monotonic() < end, status
        time.sleep(0.2)


def test_replay_and_actor_are_killed_and_every_step_is_there_once(run):
    replay, actor = run("replay").start(), run("actor").start()
    status_of(run.address, lambda status: status["env_steps"] >= 120)
    replay.kill()  # after some checkpoints, the robot goes on
    actor.until_it_says("does not answer", times=2)  # the replay; the learner never was there
    time.sleep(2)
    replay.start()
    actor.until_it_says("replay server at {} is there".format(run.address))
    status_of(run.address, lambda status: status["env_steps"] >= 180)
    actor.kill()
    actor.start()
    actor.until_it_says("steps in its log", times=2)
    replay.kill()
    actor.kill()  # both at once
    replay.start()
    actor.start()
    # The actor makes its 900 steps and stays until the replay has them.
    status_of(run.address, lambda status: status["env_steps"] == 900, seconds=240)
    assert actor.end() == 143
    assert actor.text.rstrip().endswith("ends with 900 steps in its log, 0 unsent")
    stream = json.loads((run.folder / "actors/0/log/stream.json").read_text())["stream"]
    records = records_in(run.folder / "actors/0/log")
    assert records >= 909  # and the first step of each episode
    status_of(run.address, lambda status: status["wanted"][str(stream)] == records)
    # The newest steps are in a chunk that is not full: a checkpoint writes it.
    assert replay.end() == 143
    replay.start()
    replay.until_it_says("sequences of", times=4)
    counted = last_steps(reverb.Client(run.address))
    assert counted == {(stream, index): 1 for index in range(LENGTH - 1, records)}


def records_in(folder):
    import tensorflow as tf
    files = sorted(str(path) for path in folder.glob("*.tfrecord"))
    return sum(1 for _ in tf.data.TFRecordDataset(files))


def test_a_port_in_use_and_a_folder_in_use_end_with_one_line(run):
    run("replay").start().until_it_says("sequences of")
    second = run("replay").start()
    assert second.wait(60) == 1
    assert "in use by another run" in second.text and "Traceback" not in second.text
    third = run("replay", f"--logdir={run.folder / 'other'}").start()
    assert third.wait(120) == 1
    assert "cannot be used for the replay server" in third.text
    assert "Traceback" not in third.text


def test_a_learner_that_is_killed_goes_on_from_its_checkpoint(run):
    flags = ["--gin_bindings=Trainer.prefill_steps = 32", "--env_steps=100000"]
    replay, actor = run("replay", *flags).start(), run("actor", *flags).start()
    learner = run("learner", *flags).start()
    learner.until_it_says("first update")
    end = time.monotonic() + 120
    while not saved_updates(run.folder) and time.monotonic() < end:
        time.sleep(0.2)
    learner.kill()
    kept = saved_updates(run.folder)
    assert kept > 0
    actor.until_it_says("weights server at", times=2)  # there, and gone
    learner.start()
    learner.until_it_says("going on from step")
    assert f"update {kept:,}" in learner.text.split("going on from step")[1].splitlines()[0]
    learner.until_it_says("first update", times=2)
    assert learner.end(120) == 143 and saved_updates(run.folder) > kept
    assert actor.end() == 143 and replay.end() == 143
    episodes = (run.folder / "actors/0/episodes.jsonl").read_text().splitlines()
    assert json.loads(episodes[-1])["weights_version"] >= 0


def saved_updates(folder):
    states = sorted((folder / "checkpoints").glob("*/state.json"))
    return json.loads(states[-1].read_text())["updates"] if states else 0


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
