"""The example robot of docs/new_robot.md: it works, it is healthy, and it can be trained."""

import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest

from dreamer_tf import config
from examples.my_robot import ROBOT, constants
from examples.my_robot.kinematics import elbow_and_hand
from robot_envs import check, registry
from robot_envs.errors import RobotError

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAME = "examples.my_robot:ROBOT"


def _toward_goal(info):
    """The action that moves the hand along the line to the goal (damped least squares)."""
    angles = info["angles"]
    hand = elbow_and_hand(angles)[1]
    steps = 1e-6 * np.eye(2)
    jacobian = np.stack([(elbow_and_hand(angles + d)[1] - hand) / 1e-6 for d in steps], 1)
    gain = np.linalg.solve(jacobian.T @ jacobian + 1e-4 * np.eye(2), jacobian.T)
    speeds = 3 * gain @ (info["goal"] - hand)
    scaled = speeds / constants.SPEED_AT_FULL_ACTION_RADIANS_PER_SECOND
    return (scaled / max(1.0, np.abs(scaled).max())).astype(np.float32)


def test_kinematics_of_known_poses():
    np.testing.assert_allclose(elbow_and_hand(np.zeros(2)), [[0.12, 0], [0.22, 0]])
    np.testing.assert_allclose(
        elbow_and_hand(np.array([np.pi / 2, -np.pi / 2])), [[0, 0.12], [0.1, 0.12]], atol=1e-12
    )


def test_the_task_can_be_solved_and_random_driving_does_not():
    env = registry.make(NAME, seed=0)
    random = np.random.default_rng(0)
    means = {}
    for name, act in (("driver", lambda: _toward_goal(env.get_info())),
                      ("random", lambda: random.uniform(-1, 1, 2).astype(np.float32))):
        rewards = []
        for _ in range(5):
            step = env.reset()
            while not step.is_last():
                step = env.step(act())
                rewards.append(float(step.reward))
        means[name] = np.mean(rewards)
    env.close()
    assert means["driver"] > -0.6 and means["random"] < -1.2, means


def test_the_checker_finds_nothing():
    assert check.examine(ROBOT, steps=120).findings == []


def test_its_gin_file_is_read_after_the_base():
    names = [path.name for path in config.files_of_run(NAME, ["debug"])]
    assert names == ["dreamer.gin", "reacher.gin", "debug.gin"]


@pytest.mark.parametrize("name, words", [
    ("examples.my_robott:ROBOT", "No module named 'examples.my_robott'"),
    ("examples.my_robot:ROBBOT", "has no attribute 'ROBBOT'"),
    ("examples.my_robot:constants", "must be a robot_envs.registry.RobotEntry, not module"),
    (":ROBOT", "unknown robot ':ROBOT'"),
])
def test_a_wrong_name_is_one_line(name, words):
    with pytest.raises(RobotError, match=words) as caught:
        registry.get(name)
    assert "\n" not in str(caught.value)


def test_found_in_the_working_directory_by_an_installed_command(tmp_path):
    (tmp_path / "own_arm.py").write_text(
        "from examples.my_robot import ROBOT\nROBOT = ROBOT._replace(name='own')\n")
    code = ("import sys; sys.path.remove('')\nfrom robot_envs import registry\n"
            "print(registry.get('own_arm:ROBOT').name)")
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, text=True, capture_output=True, timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert done.stdout.strip() == "own", done.stderr


@pytest.mark.slow
def test_it_trains_to_the_end(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "dreamer_tf.train", "--robot=" + NAME,
         "--logdir={}".format(tmp_path / "run"), "--gin_file=debug", "--env_steps=120"],
        cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert "finished: 120 steps" in done.stdout
    assert "Behavior.discount = 0.97\n" in (tmp_path / "run" / "config.gin").read_text()
