"""Recording a script, looking on with a policy, and giving the recording to a replay."""

import json
import subprocess
import sys
import threading

import numpy as np
import pytest
import tensorflow as tf
from serving_exports import export

from dreamer_tf.baselines.scripted_actions import ScriptedActions, make_script
from dreamer_tf.collector import Collector
from dreamer_tf.errors import UserError
from dreamer_tf.recording.demonstrations import append_all, open_recording, steps_of
from dreamer_tf.recording.drivers import make_driver
from dreamer_tf.recording.shadow import Shadow
from dreamer_tf.replay.step_spec import num_discrete_actions, replay_step_spec
from dreamer_tf.serving.exported_policy import ExportedPolicy
from robot_envs import registry


@pytest.fixture
def start(call):
    """Calls the program in this process; gives exit code, standard output, and the error lines."""
    def run(*flags):
        code, out, err = call("dreamer_tf.record", *flags)
        assert "Traceback" not in err
        return code, out, [x for x in err.splitlines() if x.startswith("dreamer_tf: error: ")]
    return run


def _signature(robot):
    env = registry.make(robot, seed=0)
    signature = replay_step_spec(env.time_step_spec(), env.action_spec())
    env.close()
    return signature


def test_a_recording_holds_the_steps_that_were_made(tmp_path, start):
    out = tmp_path / "demos"
    flags = ["--robot=ur5", f"--out={out}", "--seed=3", "--driver=scripted"]
    code, text, errors = start(*flags, "--steps=12")
    assert (code, errors) == (0, []) and "12 steps in" in text

    env = registry.make("ur5", seed=3)
    made = []
    collector = Collector(
        env, ScriptedActions(env, make_script("ur5")), made.append, prefill_steps=0, seed=0,
        num_discrete_actions=num_discrete_actions(env.action_spec()))
    for _ in range(12):
        collector.step()
    env.close()
    signature = _signature("ur5")
    read = list(steps_of(open_recording(out, signature, "ur5")))
    assert len(read) == len(made) == 13
    for ours, theirs in zip(read, made):
        assert set(ours) == set(theirs) == set(signature)
        for key in ours:
            np.testing.assert_array_equal(ours[key], theirs[key], err_msg=key)

    assert start(*flags, "--steps=5")[0] == 0  # the old recording goes on
    taken = []
    assert append_all([str(out), str(out)], signature, "ur5", taken.append) == 2 * 17
    assert len(taken) == 2 * 19 and sum(step["is_first"] for step in taken) == 4


def test_what_is_no_recording_is_refused_before_anything_is_given(tmp_path, start):
    out = tmp_path / "demos"
    assert start("--robot=sphero", f"--out={out}", "--steps=2")[0] == 0
    taken, signature = [], _signature("sphero")
    with pytest.raises(UserError, match="nowhere holds no recording"):
        append_all([str(out), str(tmp_path / "nowhere")], signature, "sphero", taken.append)
    with pytest.raises(UserError, match="holds the log of a sphero"):
        append_all([str(out)], _signature("a1"), "a1", taken.append)
    assert taken == []


@pytest.mark.parametrize("flags, words", [
    (["--out=x"], "--robot and --out are both needed"),
    (["--robot=sphero", "--driver=joystick"],
     "unknown --driver=joystick: one of scripted, random, keyboard, or <module>:<function>"),
    (["--robot=sphero", "--driver=nowhere:make"], "No module named 'nowhere'"),
    (["--robot=sphero", "--driver=keyboard"], "needs a terminal"),
    (["--robot=a1", "--driver=keyboard"], "no keys are known for the robot 'a1'"),
    (["--robot=sphero", "--policy=nowhere"], "nowhere"),
])
def test_mistakes(tmp_path, start, monkeypatch, flags, words):
    monkeypatch.chdir(tmp_path)
    code, _, errors = start(*(() if "--out=x" in flags else ("--out=demos",)), *flags)
    assert code == 1 and len(errors) == 1 and words in errors[0]


def test_a_driver_of_ones_own(tmp_path, start, monkeypatch):
    (tmp_path / "pad.py").write_text(
        "import numpy as np\n"
        "class Pad:\n"
        "    def action(self, time_step):\n"
        "        return np.array([.5, -.25], np.float32)\n"
        "def make(env):\n"
        "    return Pad()\n")
    monkeypatch.chdir(tmp_path)
    code, _, errors = start(
        "--robot=sphero", "--driver=pad:make", "--out=demos", "--steps=3")
    assert (code, errors) == (0, [])
    steps = list(steps_of(open_recording("demos", _signature("sphero"), "sphero")))
    assert [step["prev_action"].tolist() for step in steps] == [[0, 0]] + 3 * [[.5, -.25]]


DRIVER = """
import os, signal
import numpy as np
from dreamer_tf.errors import UserError
from robot_envs.errors import RobotFault

class Driver:
    steps = 0
    def action(self, time_step):
        self.steps += 1
        if self.steps == 4:
            {end}
        return np.zeros(2, np.float32)

def make(env):
    return Driver()
"""


@pytest.mark.parametrize("name, end, expected", [
    ("all_steps", "pass", 0),
    ("fault", "raise RobotFault('it is hot', person=True)", 1),
    ("mistake", "raise UserError('no such button')", 1),
    ("sigterm", "os.kill(os.getpid(), signal.SIGTERM)", 143),
    ("ctrl_c_twice", "[os.kill(os.getpid(), signal.SIGINT) for _ in range(2)]", 130),
])
def test_the_robot_is_closed_before_the_disk(tmp_path, start, monkeypatch, name, end, expected):
    (tmp_path / f"driver_{name}.py").write_text(DRIVER.format(end=end))
    monkeypatch.chdir(tmp_path)
    env = registry.make("sphero", seed=0)
    close, disk_waits = type(env).close, []

    def closing(self):
        disk_waits.append("log writer" in [thread.name for thread in threading.enumerate()])
        close(self)

    monkeypatch.setattr(type(env), "close", closing)
    code, _, errors = start(
        "--robot=sphero", f"--driver=driver_{name}:make", "--out=demos", "--steps=5")
    assert code == expected, errors
    assert disk_waits[0] and not disk_waits[-1]
    monkeypatch.undo()
    env.close()
    recorded = steps_of(open_recording(tmp_path / "demos", _signature("sphero"), "sphero"))
    assert sum(not step["is_first"] for step in recorded) == {0: 5, 143: 4}.get(expected, 3)


@pytest.mark.slow
def test_an_emulated_arm_is_recorded_but_no_script_knows_where_its_objects_are(tmp_path, start):
    pytest.importorskip("rtde_control")
    flags = ["--robot=ur5", "--backend=emulated", f"--out={tmp_path / 'demos'}", "--steps=3"]
    code, _, errors = start(*flags, "--driver=random")
    assert (code, errors) == (0, [])
    steps = list(steps_of(open_recording(tmp_path / "demos", _signature("ur5"), "ur5")))
    assert sum(not step["is_first"] for step in steps) == 3
    code, _, errors = start(*flags, "--driver=scripted")
    assert code == 1 and len(errors) == 1
    assert "the script needs to know 'objects', which only the twin tells" in errors[0]


@pytest.mark.slow
@pytest.mark.xdist_group("exports")
def test_a_policy_looks_on(tmp_path, start):
    exported = export("ur5").out
    out = tmp_path / "demos"
    code, text, errors = start(
        "--robot=ur5", f"--out={out}", "--steps=8", f"--policy={exported}")
    assert (code, errors) == (0, [])
    assert "the policy would have done the same in" in text
    lines = [json.loads(line) for line in (out / "shadow.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == list(range(8))
    steps = list(steps_of(open_recording(out, _signature("ur5"), "ur5")))
    done = [int(np.argmax(step["prev_action"])) for step in steps[1:]]
    assert [line["driver"] for line in lines] == done  # the policy's actions moved nothing

    # What it would do is what it does when it is told the same past.
    policy, fresh = ExportedPolicy(exported), ExportedPolicy(exported)
    env = registry.make("ur5", seed=0)
    driver = make_driver("scripted", "ur5", env, 0)
    with open(tmp_path / "again.jsonl", "w") as file:
        shadow = Shadow(driver, policy, file)
        time_step = env.reset()
        for t in range(4):
            expected = fresh.action(time_step.observation, t == 0)
            action = shadow.action(time_step)
            fresh._state["prev_action"] = tf.one_hot([int(action)], 6).numpy()
            time_step = env.step(action)
            line = json.loads((tmp_path / "again.jsonl").read_text().splitlines()[-1])
            assert line["policy"] == int(expected)
    env.close()


RAINBOW = ("--agent=rainbow", "--gin_bindings=make_rainbow.cnn_depth = 2",
           "--gin_bindings=make_rainbow.units = 16")


@pytest.mark.slow
@pytest.mark.parametrize("robot, flags", [
    ("sphero", ()), pytest.param("ur5", RAINBOW, marks=pytest.mark.long)])
def test_a_run_begins_with_demonstrations(tmp_path, start, robot, flags):
    demos, logdir = tmp_path / "demos", tmp_path / "run"
    assert start(f"--robot={robot}", f"--out={demos}", "--steps=60")[0] == 0
    command = [sys.executable, "-m", "dreamer_tf.train", f"--robot={robot}", "--gin_file=debug",
               f"--logdir={logdir}", f"--demonstrations={demos}", *flags]
    first = subprocess.run([*command, "--env_steps=80"], capture_output=True, text=True)
    assert first.returncode == 0, first.stderr
    assert "60 demonstrated steps are in the replay" in first.stdout
    again = subprocess.run([*command, "--env_steps=120"], capture_output=True, text=True)
    assert again.returncode == 0, again.stderr
    assert "demonstrated" not in again.stdout  # the replay has them from its checkpoint
    lines = [json.loads(line) for line in (logdir / "metrics.jsonl").read_text().splitlines()]
    own = max(line["env_steps"] for line in lines)
    assert own <= 120  # they are no steps of the run
    assert max(line["replay/items"] for line in lines if "replay/items" in line) > own
