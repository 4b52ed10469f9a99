"""How long the robot waits for an action."""

from __future__ import annotations

import contextlib
import itertools
import json
import pathlib
import subprocess
import sys
import tempfile
from typing import Any, Dict, Iterator, List

from tf_agents.trajectories import time_step as ts

from benchmarks.agents import make_setup
from benchmarks.calibration import Calibration
from benchmarks.measure import Timing, measure, time_calls
from dreamer_tf.collector import random_action
from dreamer_tf.errors import UserError
from dreamer_tf.policy_runner import PolicyRunner
from robot_envs import registry

ROOT = pathlib.Path(__file__).resolve().parents[1]
ACTIONS = 25
"""Actions between two products of the calibration."""
PAUSE_S = 0.01
"""Between two actions the robot moves, and threads fall asleep."""
TIME_STEPS = 64
PRODUCTS = 10


def policy_latency(
    robot: str, preset: str, training: bool, *, repeats: int, calibration: Calibration
) -> Dict[str, Any]:
    """Times the collecting policy at batch size 1, from numpy observation to numpy action.

    Args:
      robot: name in the registry.
      preset: name in `presets.PRESETS`.
      training: whether a learner of the same preset trains in another process meanwhile.
      repeats: blocks of `ACTIONS` actions.
      calibration: between the blocks; with a learner before it begins and after it ends.

    Returns:
      The fields of the entry; with a learner its `learner_update_s` (median) too.

    Raises:
      UserError: the learner ended by itself.
    """
    setup = make_setup(robot, preset, "dynamics")
    runner = PolicyRunner(setup.agent.collect_policy)
    time_steps = itertools.cycle(_record(robot))
    act = lambda: runner.action(next(time_steps))
    actions: Dict[str, Any] = {"block": ACTIONS, "warm_up": 20, "settle": 3, "pause_s": PAUSE_S}
    if not training:
        return measure(act, calibration, repeats=repeats, **actions).fields()
    calibration.run(PRODUCTS)  # not beside the learner: they would fight for the cores
    beside: Dict[str, Any] = {}
    with _learner(robot, preset, beside):
        seconds = time_calls(act, repeats=repeats, **actions)
    calibration.run(PRODUCTS)
    return {**Timing(seconds, calibration.median_s()).fields(), **beside}


def _record(robot: str) -> List[ts.TimeStep]:
    """The first time steps of an episode with random actions."""
    environment = registry.make(robot, seed=0)
    spec = environment.action_spec()
    result = [environment.reset()]
    for i in range(1, TIME_STEPS):
        result.append(environment.step(random_action(spec, i)))
    environment.close()
    return result


@contextlib.contextmanager
def _learner(robot: str, preset: str, report: Dict[str, Any]) -> Iterator[None]:
    """A learner in a process of its own, which has begun when this begins."""
    command = [sys.executable, "-m", "benchmarks.learner_process", robot, preset]
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
            text=True,
        )  # fmt: skip
        try:
            if process.stdout.readline().strip() != "ready":
                process.wait()
                errors.seek(0)
                lines = errors.read().strip().splitlines() or ["it said nothing"]
                raise UserError(f"the learner beside the policy ended: {lines[-1]}")
            yield
            output, _ = process.communicate("", timeout=120)
            report.update(json.loads(output))
        finally:
            process.kill()
            process.wait()
