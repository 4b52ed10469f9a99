"""An agent on two devices: the same updates as on one, the same copies, the same checkpoints."""

import json
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from dreamer_tf.errors import UserError
from dreamer_tf.replicas import mean_over_replicas, scope_on, split_over_replicas
from dreamer_tf.trainer import Trainer

TESTS = pathlib.Path(__file__).resolve().parent
ROOT = TESTS.parents[1]
TWO = "Trainer.devices = ('CPU:0', 'CPU:1')"


@pytest.fixture(scope="module")
def updates(tmp_path_factory):
    """The folder that `mirrored_updates.py` has filled."""
    folder = tmp_path_factory.mktemp("updates")
    done = subprocess.run(
        [sys.executable, str(TESTS / "mirrored_updates.py"), str(folder)],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def facts(updates):
    return json.loads((updates / "facts.json").read_text())


def read(prefix):
    """Every number in a checkpoint, name to array."""
    reader = tf.train.load_checkpoint(str(prefix))
    types = reader.get_variable_to_dtype_map()
    return {name: reader.get_tensor(name) for name, kind in types.items() if kind != tf.string}


@pytest.mark.long
def test_three_updates_on_two_devices_are_those_of_one(updates):
    start, one, two = (read(updates / name) for name in ("start", "one", "two"))
    assert set(one) == set(two) and len(one) > 150
    still = [name for name in one if np.array_equal(start[name], one[name])]
    assert all("learning_rate" in name or "draw_count" in name for name in still), still
    for name, expected in one.items():
        atol = 1e-4 * np.max(np.abs(expected))
        np.testing.assert_allclose(two[name], expected, rtol=0.0, atol=atol, err_msg=name)


@pytest.mark.long
def test_metrics_are_means_over_the_devices(facts):
    for one, two in zip(facts["one"], facts["two"]):
        assert set(one) == set(two)
        for name, value in one.items():
            assert two[name] == pytest.approx(value, rel=1e-3, abs=1e-4), name


@pytest.mark.long
def test_copies_are_the_same_bit_for_bit(facts):
    assert len(facts["devices"]) == 2
    assert facts["differing_copies"] == [] and facts["differing_after_acting"] == []


@pytest.mark.long
def test_each_replica_draws_its_own(facts):
    assert len({tuple(seed) for seed in facts["seeds"]}) == 3


@pytest.mark.long
def test_gradients_are_averaged_and_one_that_is_not_finite_stops_all(facts):
    good, bad = facts["scaled"]
    assert good["norms"] == pytest.approx([2.5 * 2**0.5] * 2)
    assert good["weights"][0] == good["weights"][1] and good["weights"][0][0] < 1.0
    assert not np.isfinite(bad["norms"]).any()
    assert bad["weights"] == good["weights"]
    assert bad["loss_scale"] == good["loss_scale"] / 2.0


@pytest.mark.long
def test_the_policy_acts_is_restored_on_one_device_and_saved(updates, facts):
    mirrored, restored = facts["actions"]
    np.testing.assert_allclose(mirrored, restored, atol=1e-5)
    assert "action" in tf.saved_model.load(str(updates / "policy")).signatures


@pytest.mark.long
def test_a_run_on_two_devices_goes_on_with_one(tmp_path):
    def run(*flags):
        return subprocess.run(
            [sys.executable, "-m", "dreamer_tf.train", "--robot=sphero", "--gin_file=debug",
             f"--logdir={tmp_path / 'run'}", *flags],
            cwd=ROOT, capture_output=True, text=True,
        )

    first = run("--env_steps=80", f"--gin_bindings={TWO}")
    assert first.returncode == 0, first.stderr
    assert "finished: 80 steps" in first.stdout and "setting" not in first.stderr
    second = run("--env_steps=120")
    assert second.returncode == 0, second.stderr
    assert "going on from step 80" in second.stdout and "finished: 120 steps" in second.stdout
    states = sorted((tmp_path / "run" / "checkpoints").glob("*/state.json"))
    before, after = (json.loads(path.read_text())["updates"] for path in states)
    assert 0 < before < after


@pytest.mark.parametrize("devices", [["GPU:7"], ["CPU:0", "CPU:5"]])
def test_devices_that_are_not_there_are_refused(devices):
    with pytest.raises(UserError, match=f"no device {devices[-1]} here; there is CPU:0"):
        scope_on(devices)


@pytest.mark.parametrize("devices", [[], ["CPU:0", "cpu:0"]])
def test_devices_are_named_once(devices):
    with pytest.raises(UserError, match="each once"):
        scope_on(devices)


def test_a_batch_that_cannot_be_split_is_refused():
    with pytest.raises(UserError, match="batch_size=5 cannot be split evenly over the 2 devices"):
        Trainer("sphero", None, None, seed=0, batch_size=5, devices=("CPU:0", "CPU:1"))


def test_devices_are_no_single_word():
    with pytest.raises(UserError, match="must be names such as"):
        Trainer("sphero", None, None, seed=0, devices="GPU:0")


def test_without_devices_nothing_is_changed():
    def step(batch):
        return batch

    with scope_on(None):
        assert split_over_replicas(step) is step
    value = tf.constant(1.0)
    assert mean_over_replicas(value) is value
