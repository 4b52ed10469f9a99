"""Every benchmark by its name."""

from __future__ import annotations

import fnmatch
import importlib
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Sequence

from benchmarks.presets import GRADIENTS
from dreamer_tf.errors import UserError
from robot_envs import registry

VECTOR_ROBOT, IMAGE_ROBOT = "a1", "sphero"
ROBOTS = (VECTOR_ROBOT, IMAGE_ROBOT)
QUICK_REPEATS = 2


class Benchmark(NamedTuple):
    """What is measured, not imported yet.

    Attributes:
      name: parts with slashes between.
      function: `module.function` in this package.
      arguments: of the function, beside `repeats` and `calibration`.
      repeats: as many as give a steady median.
    """

    name: str
    function: str
    arguments: Dict[str, Any]
    repeats: int

    def load(self) -> Callable[..., Dict[str, Any]]:
        """Imports the function; TensorFlow with it."""
        module, _, name = self.function.partition(".")
        return getattr(importlib.import_module(f"benchmarks.{module}"), name)


def catalogue(quick: bool = False) -> Dict[str, Benchmark]:
    """Returns all benchmarks by name, in the order in which they run.

    Args:
      quick: the debug preset in place of the others, and few repeats.
    """
    choices = () if quick else _choices()
    found = [*_steps(quick), *choices, *_programs(quick), *_data()]
    if quick:
        found = [benchmark._replace(repeats=QUICK_REPEATS) for benchmark in found]
    return {benchmark.name: benchmark for benchmark in found}


def choose(patterns: Sequence[str], quick: bool = False) -> List[Benchmark]:
    """Returns the benchmarks whose names match one of the patterns, all for no pattern.

    Args:
      patterns: of the shell, such as `train_step/*/small/*`.
      quick: see `catalogue`.

    Raises:
      UserError: a pattern matches nothing; the line lists the known names.
    """
    known = catalogue(quick)
    for pattern in patterns:
        if not fnmatch.filter(known, pattern):
            raise UserError(f"no benchmark is named {pattern!r}; there are: {', '.join(known)}")
    matches = lambda name: any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
    return [known[name] for name in known if not patterns or matches(name)]


def _presets(robot: str, quick: bool) -> Dict[str, int]:
    """Presets of a robot's updates, and repeats."""
    if quick:
        return {"debug": QUICK_REPEATS}
    more = "small_all_starts" if robot == VECTOR_ROBOT else "small_cnn16"
    return {"small": 40, more: 40, "paper": 8}


def _steps(quick: bool) -> Iterator[Benchmark]:
    for robot in ROBOTS:
        for preset, repeats in _presets(robot, quick).items():
            for gradient in GRADIENTS:
                sizes = {"robot": robot, "preset": preset, "gradient": gradient}
                for name in ("train_step", "behavior"):
                    full_name = f"{name}/{robot}/{preset}/{gradient}"
                    yield Benchmark(full_name, f"train_step.{name}", sizes, repeats)
            if preset != "small_all_starts":  # the same world model as small
                sizes = {"robot": robot, "preset": preset}
                name = f"world_model/{robot}/{preset}"
                yield Benchmark(name, "train_step.world_model", sizes, repeats)


def _choices() -> Iterator[Benchmark]:
    """What other choices cost; to be compared with the same gradient of the preset itself."""
    choices = {"small_v3": ("reinforce", 40), "small_bfloat16": ("dynamics", 40),
               "paper_bfloat16": ("dynamics", 8)}
    for robot in ROBOTS:
        for preset, (gradient, repeats) in choices.items():
            sizes = {"robot": robot, "preset": preset, "gradient": gradient}
            name = f"train_step/{robot}/{preset}/{gradient}"
            yield Benchmark(name, "train_step.train_step", sizes, repeats)


def _programs(quick: bool) -> Iterator[Benchmark]:
    for robot in ROBOTS:
        for preset in ("debug",) if quick else ("small", "paper"):
            sizes = {"robot": robot, "preset": preset}
            where = f"{robot}/{preset}"
            first = {**sizes, "gradient": "dynamics"}
            yield Benchmark(f"first_update/{where}", "first_update.first_update", first, 3)
            for state in ("idle", "while_training"):
                name, training = f"policy_latency/{where}/{state}", state != "idle"
                arguments = {**sizes, "training": training}
                yield Benchmark(name, "policy_latency.policy_latency", arguments, 20)
        preset = "debug" if quick else "small"
        sizes = {"robot": robot, "preset": preset}
        yield Benchmark(f"metrics/{robot}/{preset}", "metrics_cost.metrics_cost", sizes, 40)


def _data() -> Iterator[Benchmark]:
    for kind, robot in (("vector", VECTOR_ROBOT), ("image", IMAGE_ROBOT)):
        for name in ("replay_write", "replay_sample"):
            yield Benchmark(f"{name}/{kind}", f"replay.{name}", {"robot": robot}, 15)
    for robot in registry.names():
        yield Benchmark(f"environment/{robot}", "environment.environment", {"robot": robot}, 15)
