"""The program at the robot: an exported policy, and what it says to what does not fit."""
import json
import shutil

import numpy as np
import pytest
from PIL import Image
from tf_agents.specs import array_spec

from dreamer_tf.errors import UserError
from dreamer_tf.serving.exported_policy import ExportedPolicy
from serving_exports import export

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
