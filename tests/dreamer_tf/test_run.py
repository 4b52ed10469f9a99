"""The program at the robot: an exported policy, and what it says to what does not fit."""
import json
import shutil
import signal
import subprocess
import sys

import gin
import numpy as np
import pytest
from PIL import Image
from tf_agents.environments import wrappers
from tf_agents.specs import array_spec

from dreamer_tf import config, patient_reset
from dreamer_tf.checkpoints import Checkpoints
from dreamer_tf.errors import UserError
from dreamer_tf.run_folder import RunFolder
from dreamer_tf.serving.exported_policy import ExportedPolicy
from robot_envs import registry
from robot_envs.errors import RobotFault
from serving_exports import ENV_STEPS, export

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("exports")]


@pytest.fixture(scope="module")
def made():
    return export("a1")


@pytest.fixture(scope="module")
def policy(made):
    return ExportedPolicy(made.out)


@pytest.fixture
def start(call):
    """Calls the program in this process; gives exit code, standard output, error line or None."""
    def command(*flags):
        code, out, err = call("dreamer_tf.run", *flags)
        errors = [line for line in err.splitlines() if line.startswith("dreamer_tf: error: ")]
        assert "Traceback" not in err and len(errors) <= 1
        return code, out, errors[0] if errors else None
    return command


def test_it_plays_episodes_and_keeps_returns_and_a_video(made, tmp_path, start):
    code, out, error = start(
        f"--policy={made.out}", "--robot=a1", "--episodes=2", "--kind=sampling",
        f"--video={tmp_path / 'new' / 'a1.gif'}", f"--returns={tmp_path / 'returns.jsonl'}")
    assert code == 0, error
    assert out.count("dreamer_tf: episode") == 2
    lines = [json.loads(line) for line in (tmp_path / "returns.jsonl").read_text().splitlines()]
    assert [line["episode"] for line in lines] == [0, 1]
    assert lines[0]["steps"] == 250 and lines[0]["policy_ms_median"] > 0
    assert Image.open(tmp_path / "new" / "a1.gif").n_frames > 10


@pytest.fixture
def logdir(made, tmp_path):
    """A run's folder with the agent of the export as its checkpoint."""
    folder = RunFolder(str(tmp_path / "run"))
    folder.write_run({"robot": "a1", "seed": 0})
    files = config.files_of_run("a1", ["debug"])
    folder.config.write_text("".join(f"include '{path}'\n" for path in files))
    Checkpoints(folder.checkpoints, made.agent.checkpoint_items()).save(
        ENV_STEPS, {"env_steps": ENV_STEPS})
    return folder.path


def test_a_run_drives_with_a_setting_of_the_robot(logdir, start):
    code, out, error = start(f"--logdir={logdir}", "--gin_bindings=Disturbances.light = 0.5")
    assert code == 0, error
    assert f"learnt by step {ENV_STEPS} drives" in out and "episode 0: return" in out
    assert gin.query_parameter("Disturbances.light") == 0.5


class Faulty(wrappers.PyEnvironmentBaseWrapper):
    """Has faults: `{number of reset and steps so far: whether only a person may go on}`."""

    def __init__(self, env, faults, closed):
        super().__init__(env)
        self._faults, self._closed, self._calls = faults, closed, -1

    def _reset(self):
        self._maybe_fault()
        return self._env.reset()

    def _step(self, action):
        self._maybe_fault()
        return self._env.step(action)

    def _maybe_fault(self):
        self._calls += 1
        if self._calls in self._faults:
            raise RobotFault("the sensors are old", person=self._faults[self._calls])

    def close(self):
        self._closed()
        self._env.close()


@pytest.fixture
def faulty(monkeypatch):
    """Gives `faulty(faults, closed)`, after which every A1 has these faults and short episodes."""
    make = registry.make

    def change(faults, closed=lambda: None):
        monkeypatch.setattr(registry, "make", lambda *names, **keywords: Faulty(
            make(*names, episode_steps=6, **keywords), faults, closed))
    return change


def _returns(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_an_episode_with_a_fault_is_played_again(made, tmp_path, start, faulty):
    faulty({2: False, 3: False, 12: False})  # step 2, the reset behind it, step 1 of episode 1
    code, out, error = start(
        f"--policy={made.out}", "--robot=a1", "--episodes=2",
        f"--video={tmp_path / 'a1.gif'}", f"--returns={tmp_path / 'returns.jsonl'}")
    assert code == 0, error
    assert out.count("warning: episode 0 begins again: the sensors are old") == 1
    assert out.count("warning: once more from the reset: the sensors are old") == 1
    assert out.count("warning: episode 1 begins again: the sensors are old") == 1
    lines = _returns(tmp_path / "returns.jsonl")
    assert [(line["episode"], line["steps"]) for line in lines] == [(0, 6), (1, 6)]
    assert Image.open(tmp_path / "a1.gif").n_frames <= 6  # nothing of the first try


def test_a_fault_that_no_reset_ends_is_not_spun_on(made, start, faulty, monkeypatch):
    monkeypatch.setattr(patient_reset, "RESET_PAUSE_SECONDS", 0.02)
    faulty(dict.fromkeys(range(10 ** 4), False))
    code, out, error = start(f"--policy={made.out}", "--robot=a1")
    assert code == 1 and "the sensors are old; 10 resets in a row did not end it" in error
    assert out.count("warning: once more from the reset") == 9


def test_what_there_is_is_kept_when_a_fault_ends_the_run(made, tmp_path, start, faulty):
    film, returns = tmp_path / "a1.gif", tmp_path / "returns.jsonl"
    kept = []  # when the robot is closed: (lines of returns, whether the film is written)
    faulty({9: True}, lambda: kept.append((len(_returns(returns)), film.exists())))
    code, _, error = start(f"--policy={made.out}", "--robot=a1", "--episodes=9",
                           f"--video={film}", f"--returns={returns}")
    assert code == 1 and "the sensors are old" in error
    assert kept == [(1, False)]  # the film takes seconds: the robot comes first
    assert [line["episode"] for line in _returns(returns)] == [0]
    assert Image.open(film).n_frames > 1


def test_the_film_of_the_first_episode_is_kept_too(made, tmp_path, start, faulty):
    faulty({4: False, 5: True})  # the second try has no picture
    code, out, error = start(f"--policy={made.out}", "--robot=a1",
                             f"--video={tmp_path / 'a1.gif'}", "--returns=/proc/no/returns")
    assert code == 1 and "cannot write /proc/no/returns" in error  # before anything moves
    assert not (tmp_path / "a1.gif").exists() and "begins again" not in out
    code, _, error = start(f"--policy={made.out}", "--robot=a1",
                           f"--video={tmp_path / 'a1.gif'}")
    assert code == 1 and "the sensors are old" in error
    assert Image.open(tmp_path / "a1.gif").n_frames > 1


PROGRAM = """
from robot_envs import registry
make = registry.make
def noted(*names, **keywords):
    env = make(*names, episode_steps=20, **keywords)
    close = env.close
    env.close = lambda: (print("closed", flush=True), close())
    return env
registry.make = noted
from dreamer_tf import run
run.cli()
"""


@pytest.mark.parametrize("number, code", [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_closes_the_robot_and_keeps_what_there_is(made, tmp_path, number, code):
    film, returns = tmp_path / "a1.gif", tmp_path / "returns.jsonl"
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, f"--policy={made.out}", "--robot=a1",
         "--episodes=1000000", f"--video={film}", f"--returns={returns}"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    said = ""
    for line in process.stdout:
        said += line
        if "episode 1:" in line:
            process.send_signal(number)
            break
    out, err = process.communicate(timeout=120)
    said += out
    assert process.returncode == code, err
    assert [line for line in err.splitlines() if line] == [
        "dreamer_tf: stopping after this step and saving (once more leaves at once)"]
    words = said.splitlines()[-3:]
    assert "closed" in words and words.index("closed") < words.index(
        f"dreamer_tf: {film} is written")
    assert len(_returns(returns)) == said.count("dreamer_tf: episode") >= 2
    assert Image.open(film).n_frames > 1


def test_a_wrong_policy_or_robot_is_told_in_one_line(made, tmp_path, start):
    policy = f"--policy={made.out}"
    code, _, error = start(policy, "--robot=sphero")
    assert code == 1 and "is for --robot=a1, not for sphero" in error
    code, _, error = start(policy, "--robot=a1", "--backend=bluetooth")
    assert code == 1 and "'a1' has no backend 'bluetooth'" in error
    code, _, error = start(f"--policy={made.out / 'world_model'}", "--robot=a1")
    assert code == 1 and "is no policy but a world_model" in error
    code, _, error = start(policy)
    assert code == 1 and "--policy and --robot are both needed" in error
    code, _, error = start(policy, "--logdir=somewhere")
    assert code == 1 and "either --policy or --logdir is needed" in error
    code, _, error = start(f"--logdir={tmp_path}")
    assert code == 1 and "holds no run" in error
    shutil.copytree(made.version(), tmp_path / "cut")
    weights = tmp_path / "cut" / "variables" / "variables.data-00000-of-00001"
    weights.write_bytes(weights.read_bytes()[:1000])
    code, _, error = start(f"--policy={tmp_path / 'cut'}", "--robot=a1")
    assert code == 1 and "is damaged: variables/variables.data-00000-of-00001 has 1,000" in error


def test_a_wrong_observation_is_told_in_one_line(made, policy):
    seen = {key: value[0] for key, value in made.recording.observation.items()}
    assert policy.action({**seen, "more": 1}).shape == (12,)
    wrong = [
        ({"imu": seen["imu"]}, "wants the observation 'joint_angles', which is not among"),
        ({**seen, "imu": seen["imu"][:3]}, r"'imu': the policy wants float32 \(4,\), not .*\(3,\)"),
        ({**seen, "imu": seen["imu"].astype(np.float64)}, "'imu': .* not float64"),
    ]
    for observation, expected in wrong:
        with pytest.raises(UserError, match=expected):
            policy.action(observation)


def test_a_robot_that_has_changed_is_told_in_one_line(policy):
    action = array_spec.BoundedArraySpec((12,), np.float32, -1.0, 1.0)
    observation = {"imu": array_spec.ArraySpec((4,), np.float32)}
    with pytest.raises(UserError, match="has no observation 'joint_angles'"):
        policy.check_robot("a1", observation, action)
    observation["joint_angles"] = array_spec.ArraySpec((18,), np.float32)
    with pytest.raises(UserError, match=r"'joint_angles': .* has shape \[12\], the robot \[18\]"):
        policy.check_robot("a1", observation, action)


def test_state_is_kept_until_it_is_forgotten(made, policy):
    seen = [{key: value[t] for key, value in made.recording.observation.items()} for t in (0, 1)]
    policy.forget()
    first = policy.action(seen[0])
    later = policy.action(seen[0])
    assert np.any(first != later)
    np.testing.assert_array_equal(policy.action(seen[0], is_first=True), first)
    policy.forget()
    np.testing.assert_array_equal(policy.action(seen[0]), first)
