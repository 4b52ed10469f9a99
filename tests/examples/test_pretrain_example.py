"""The example that pre-trains a world model, run as a person would."""

import importlib.util
import os
import pathlib
import re
import subprocess
import sys

import keras
import numpy as np
import pytest

import dreamer_tf.world_model  # noqa: F401  registers what a saved model needs

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "pretrain_world_model.py"


@pytest.mark.slow
def test_records_learns_saves_and_compares(tmp_path):
    flags = "--data=a1.npz --out=model.keras --steps=320 --length=8 --context=4 --units=16"
    result = subprocess.run(
        [sys.executable, str(EXAMPLE), *flags.split(), "--epochs=3"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=290,
    )
    assert result.returncode == 0, result.stderr
    losses = re.findall(r"^(before|after): .* loss ([\d.]+)$", result.stdout, re.MULTILINE)
    assert [name for name, _ in losses] == ["before", "after"]
    assert float(losses[1][1]) < float(losses[0][1])
    errors = re.findall(r"joint_angles, 4 steps ahead .* error ([\d.]+), .* ([\d.]+)$",
                        result.stdout, re.MULTILINE)
    assert len(errors) == 2 and errors[0][1] == errors[1][1]
    with np.load(tmp_path / "a1.npz") as recording:
        assert len(recording["reward"]) == 320
        assert recording["is_first"][0] and not recording["prev_action"][0].any()
        assert np.count_nonzero(recording["is_first"]) == 2
        assert set(recording["joint_angles"].shape) == {320, 12}
    assert len((tmp_path / "model.csv").read_text().splitlines()) == 4
    model = keras.models.load_model(tmp_path / "model.keras")
    assert set(model.encoder.shapes) == {"imu", "joint_angles"}
    assert int(model.optimizer.iterations) > 0


@pytest.fixture
def example():
    spec = importlib.util.spec_from_file_location("pretrain_world_model", EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_recording_that_lacks_something_is_refused_in_one_line(tmp_path, monkeypatch, example):
    np.savez(tmp_path / "logs.npz", joint_angles=np.zeros((9, 12), np.float32))
    monkeypatch.setattr(sys, "argv", ["pretrain", f"--data={tmp_path / 'logs.npz'}"])
    with pytest.raises(SystemExit, match="logs.npz holds no is_first, is_last, is_terminal"):
        example.main()


def test_a_wrong_value_is_one_line(monkeypatch, capsys, example):
    monkeypatch.setattr(sys, "argv", ["pretrain", "--context=99"])
    with pytest.raises(SystemExit):
        example.main()
    assert capsys.readouterr().err == (
        "pretrain_world_model: error: --context must be in 1..31 (--help lists the flags)\n")
