"""Every registered robot's agent leaves the training machine and acts there."""
import json
import pathlib
import re
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from benchmarks import exported
from dreamer_tf import run
from dreamer_tf.errors import UserError
from dreamer_tf.serving import exporter, parity, tflite
from dreamer_tf.serving.exported_policy import ExportedPolicy
from robot_envs import registry
from serving_exports import ENV_STEPS, debug_agent, export, source_of

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("exports")]
ROOT = pathlib.Path(__file__).resolve().parents[2]


def scripts():
    """The programs of README.md and docs/export.md, by the library that they import."""
    text = "".join((ROOT / name).read_text() for name in ("README.md", "docs/export.md"))
    blocks = re.findall(r"```python\n(.*?)```", text, re.S)
    return {"tensorflow" if "import tensorflow" in x else "tflite": x for x in blocks
            if "policy.json" in x}


def run_script(name, path, forbidden, robot):
    spec = json.loads(next(path.rglob("policy.json")).read_text())
    assert spec["robot"]["name"] == robot
    script = scripts()[name]
    assert 10 < len(script.splitlines()) < 40
    check = f"\nimport sys\nassert not {forbidden!r} & set(sys.modules)\n"
    return subprocess.run([sys.executable, "-c", script + check, str(path)], cwd="/",
                          capture_output=True, text=True, timeout=280)


# The xArm differs from the UR5 by a second picture; test_training_run.py exports a Sphero.
ROBOTS = [pytest.param(name, marks=[pytest.mark.long] * (name in ("sphero", "xarm")))
          for name in registry.names()]


@pytest.mark.parametrize("robot", ROBOTS)
def test_a_robot_exports_reloads_and_acts(robot):
    made = export(robot)
    loaded = tf.saved_model.load(str(made.version()))
    assert {"action", "get_initial_state", "get_train_step", "get_metadata", "serving_default",
            "single"} <= set(loaded.signatures)
    policy, env = ExportedPolicy(made.out), registry.make(robot, seed=3, episode_steps=6)
    policy.check_robot(robot, env.observation_spec(), env.action_spec())
    played = run.play(env, policy, 0, None)
    env.close()
    assert played.steps == 6 and np.isfinite(played.total_reward)
    assert made.found["greedy_largest_difference"] <= parity.TOLERANCE
    discrete = policy.description["action"]["discrete"]
    assert discrete == (robot in ("ur5", "xarm"))


@pytest.mark.parametrize("robot", ["a1", "ur5"])
def test_state_and_is_first_do_what_they_say(robot):
    made = export(robot)
    step = parity.signature_step(tf.saved_model.load(str(made.version())), "serving_default")
    zeros = parity.zero_state(made.agent.policy, 2)
    first = step({**made.recording.at(np.array([0, 0])), **zeros})
    inputs = made.recording.at(np.array([2, 2]))
    kept = {key: first[key] for key in zeros}
    again = step({**inputs, **kept, "is_first": np.array([False, True])})
    anew = step({**inputs, **zeros, "is_first": np.array([True, True])})
    np.testing.assert_allclose(again["deter"][1], anew["deter"][1], atol=1e-6)
    assert np.abs(again["deter"][0] - again["deter"][1]).max() > 1e-4


def test_sampling_draws_anew_for_every_robot_and_call():
    made = export("a1")
    step = parity.signature_step(
        tf.saved_model.load(str(made.version("sampling"))), "serving_default")
    states = parity.zero_state(made.agent.collect_policy, 4)
    inputs = {**made.recording.at(np.zeros(4, int)), **states}
    actions = np.concatenate([step(inputs)["action"] for _ in range(3)])
    assert len(np.unique(actions, axis=0)) == 12


@pytest.mark.parametrize("robot", ["a1", "ur5"])
def test_tflite_acts_like_the_live_policy_with_builtin_operations_alone(robot):
    made = export(robot)
    folder = made.version("tflite")
    assert made.found["tflite_float32"]["share_equal"] >= tflite.SHARE
    assert np.isfinite(made.found["tflite_quantised"]["largest"])
    step = tflite.lite_step(folder / "sampling_float32.tflite")
    sampling = made.agent.collect_policy
    inputs = {**made.recording.at(np.zeros(1, int)), **parity.zero_state(sampling, 1)}
    states = np.stack([step(inputs)["stoch"] for _ in range(8)])
    assert len(np.unique(states, axis=0)) > 1


def test_world_model_observes_imagines_and_decodes_as_the_live_one():
    made = export("a1")
    model, live = tf.saved_model.load(str(made.version("world_model"))), made.agent.world_model
    call = lambda name, **inputs: {key: value.numpy() for key, value in model.signatures[name](
        **{k: tf.constant(v) for k, v in inputs.items()}).items()}
    length = len(made.recording)
    seen = {key: value[None] for key, value in made.recording.observation.items()}
    random = np.random.RandomState(0)
    action = random.uniform(-1, 1, (1, length, 12)).astype(np.float32)
    state = {key: x for key, x in parity.zero_state(made.agent.policy, 1).items()
             if key in ("deter", "stoch")}
    first = made.recording.is_first[None]
    observed = call("observe", **seen, prev_action=action, is_first=first, **state)
    embedding = live.embed({key: tf.constant(x) for key, x in seen.items()})
    expected = live.rssm.observe(embedding, tf.constant(action), tf.constant(first), None)
    np.testing.assert_allclose(observed["deter"], expected.state.deter, atol=1e-5)
    assert observed["kl"].shape == (1, length) and np.all(observed["kl"] >= 0)
    last = {key: observed[key][:, -1] for key in state}
    ahead = call("imagine", action=action[:, :5], **last)
    drawn = call("imagine_sample", action=action[:, :5], seed=np.array([1, 2], np.int32), **last)
    assert drawn["deter"].shape == ahead["deter"].shape == (1, 5, 16)
    decoded = call("decode", **ahead)
    assert decoded["joint_angles"].shape == (1, 5, 12)
    assert decoded["reward"].shape == decoded["continue"].shape == (1, 5)
    assert np.all((0 < decoded["continue"]) & (decoded["continue"] < 1))


def test_the_script_of_the_readme_needs_tensorflow_alone():
    forbidden = {"tf_agents", "tensorflow_probability", "dreamer_tf", "robot_envs", "reverb"}
    made = export("ur5")
    result = run_script("tensorflow", made.version(), forbidden, "ur5")
    assert result.returncode == 0, result.stderr[-2000:]
    assert "100 steps" in result.stdout


def test_the_script_of_the_docs_needs_the_small_runtime_alone():
    pytest.importorskip("tflite_runtime")
    made = export("ur5")
    result = run_script("tflite", made.version("tflite"), {"tensorflow", "dreamer_tf"}, "ur5")
    assert result.returncode == 0, result.stderr[-2000:]
    assert "100 steps" in result.stdout


def test_what_does_not_fit_into_a_folder_is_refused(tmp_path):
    made = export("a1")
    place = lambda source, out=made.out: exporter.check_place(made.agent, source, out)
    place(made.source, tmp_path)
    place(source_of("a1", ENV_STEPS + 1))
    with pytest.raises(UserError, match=f"has version {ENV_STEPS} already"):
        place(made.source)
    with pytest.raises(UserError, match=f"version {ENV_STEPS}, newer than step 7"):
        place(source_of("a1", 7))
    with pytest.raises(UserError, match="is for a1, not sphero"):
        place(source_of("sphero", ENV_STEPS + 1))
    assert sorted(path.name for path in made.out.iterdir()) == sorted(exporter.KINDS)


def test_a_policy_that_acts_otherwise_leaves_nothing(tmp_path, monkeypatch):
    agent, seen = debug_agent("a1")
    save = exporter.save_policy

    def damage(policy, counter, folder):
        save(policy, counter, folder)
        weight = agent.behavior.actor.trainable_variables[-1]
        weight.assign_add(tf.fill(weight.shape, 0.01))

    monkeypatch.setattr(exporter, "save_policy", damage)
    with pytest.raises(UserError, match="does not act as the live one"):
        exporter.export_agent(agent, source_of("a1"), tmp_path / "out", seen)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_precision_that_tflite_has_not_is_refused_before_anything_is_written(tmp_path):
    agent, seen = debug_agent("a1", 'make_agent.precision = "mixed_bfloat16"')
    with pytest.raises(UserError, match="computes in bfloat16: export with --tflite=false"):
        exporter.export_agent(agent, source_of("a1"), tmp_path / "out", seen)
    assert not (tmp_path / "out").exists()


def test_every_form_is_measured(capsys):
    with pytest.raises(SystemExit) as end:
        exported.cli(["benchmarks", f"--policies={export('a1').out}", "--calls=10"])
    assert end.value.code == 0
    rows = capsys.readouterr().out.splitlines()[2:]
    assert len(rows) == 7 and rows[-1].startswith("| world model")
    for row in rows[:-1]:
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert int(cells[1].replace(",", "")) > 1000
        for cell in cells[2:]:
            p50, p99 = map(float, cell.split(" / "))
            assert 0 < p50 <= p99
