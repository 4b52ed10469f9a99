"""The catalogue: names, what they stand for, and patterns."""

import inspect

import pytest

from benchmarks import presets
from benchmarks.catalogue import catalogue, choose
from benchmarks.report import NAME_WIDTH
from dreamer_tf import config
from dreamer_tf.errors import UserError
from robot_envs import registry


@pytest.mark.parametrize("quick", [False, True])
def test_every_benchmark_can_be_called(quick):
    for name, benchmark in catalogue(quick).items():
        assert benchmark.name == name and len(name) < NAME_WIDTH
        signature = inspect.signature(benchmark.load())
        signature.bind(**benchmark.arguments, repeats=benchmark.repeats, calibration=None)


def test_names_that_others_rely_on():
    names = catalogue()
    for gradient in ("dynamics", "reinforce"):
        for robot in ("a1", "sphero"):
            for preset in ("small", "paper"):
                assert f"train_step/{robot}/{preset}/{gradient}" in names
    assert "train_step/sphero/small_cnn16/dynamics" in names


def test_every_robot_is_timed():
    assert {f"environment/{robot}" for robot in registry.names()} <= set(catalogue())


def test_quick_is_debug_only():
    for benchmark in catalogue(quick=True).values():
        assert benchmark.arguments.get("preset", "debug") == "debug"
        assert benchmark.repeats <= 2


@pytest.mark.parametrize("preset", list(presets.PRESETS))
def test_presets_are_gin_files(preset):
    assert presets.PRESETS[preset].file in config.known_names()


def test_choose():
    assert len(choose([])) == len(catalogue())
    names = [benchmark.name for benchmark in choose(["environment/*", "train_step/a1/*/dynamics"])]
    assert "train_step/a1/small/dynamics" in names and "environment/a1" in names
    assert not [name for name in names if "sphero/" in name or "reinforce" in name]


def test_unknown_name_lists_the_known():
    with pytest.raises(UserError, match="'trian_step'; there are: train_step/a1/small/dynamics, "):
        choose(["environment/a1", "trian_step"])
