"""The program: mistakes answer in one line, and every kind of benchmark runs in debug size."""

import json
import pathlib
import subprocess
import sys

import pytest

from benchmarks import report
from benchmarks.catalogue import Benchmark
from benchmarks.runner import run_all

ROOT = pathlib.Path(__file__).absolute().parents[2]


def _run(*arguments, timeout=60):
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments], cwd=ROOT, timeout=timeout,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_unknown_name_is_one_line():
    done = _run("--only=nothing/like/it")
    assert done.returncode == 1 and not done.stdout
    assert done.stderr.count("\n") == 1
    assert "no benchmark is named 'nothing/like/it'; there are: train_step/a1/" in done.stderr


def test_help_lists_the_benchmarks(call):
    assert "  train_step/a1/small/dynamics\n" in call("benchmarks.__main__", "--help")[1]


def test_two_files_are_only_compared(call, tmp_path):
    for name, ratio in (("old", 4.0), ("new", 3.0)):
        report.save(tmp_path / name, [{"name": "x", "median_s": 1.0, "ratio": ratio}])
    code, out, err = call("benchmarks.__main__", f"--compare={tmp_path}/old,{tmp_path}/new")
    assert code == 0, err
    assert out.splitlines()[1].split() == ["x", "4", "3", "0.750"]


def test_a_benchmark_that_fails_does_not_stop_the_others():
    products = []
    strange = Benchmark("strange", "train_step.train_step", {}, 1)
    entries = list(run_all([strange, strange], quick=True, repeats=1, products=products))
    assert entries == [{"name": "strange", "error": "strange failed: KeyError: 'strange'"}] * 2
    assert products == []


KINDS = {
    "train_step/a1/debug/reinforce": {"p99_s", "gflop", "gflop_per_s", "of_calibration"},
    "behavior/a1/debug/dynamics": {"p99_s", "gflop", "gflop_per_s", "of_calibration"},
    "world_model/a1/debug": {"p99_s", "gflop", "gflop_per_s", "of_calibration"},
    "first_update/a1/debug": set(),
    "policy_latency/a1/debug/while_training": {"p99_s", "learner_update_s"},
    "metrics/a1/debug": {"share", "in_graph_s", "log_s", "video_s"},
    "replay_write/vector": {"p99_s", "steps_per_s"},
    "replay_sample/vector": {"p99_s", "batches_per_s", "mb_per_s"},
    "environment/a1": {"p99_s", "steps_per_s", "times_real"},
}
EVERYWHERE = {"name", "median_s", "ratio", "calibration_s", "calls", "peak_rss_mb"}


# Tens of seconds each; behavior and world model are the halves of train_step, in its module.
LONG = ("metrics/", "policy_latency/", "first_update/", "behavior/", "world_model/",
        "replay_sample/", "environment/")


@pytest.mark.slow
@pytest.mark.parametrize("name", [
    pytest.param(name, marks=pytest.mark.long if name.startswith(LONG) else ()) for name in KINDS
])
def test_every_kind_of_benchmark_runs(name, tmp_path):
    out = tmp_path / "bench.json"
    # Ten of the short ones, so that they have a p99; the others take long for each.
    repeats = 1 if KINDS[name].isdisjoint({"gflop"}) else 10
    done = _run("--quick", f"--only={name}", f"--repeats={repeats}", f"--out={out}", timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    entry, calibration = json.loads(out.read_text())
    assert entry.keys() == EVERYWHERE | KINDS[name]
    assert entry["name"] == name and entry["median_s"] != 0.0
    assert entry["ratio"] == pytest.approx(entry["median_s"] / entry["calibration_s"])
    assert entry["peak_rss_mb"] > 100
    assert calibration["name"] == "calibration" and calibration["gflop_per_s"] > 1
    assert name in done.stdout and "calibration" in done.stdout
