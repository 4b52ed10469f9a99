"""How fast the robots' twins are."""

from __future__ import annotations

import itertools
from typing import Any, Dict

from benchmarks.calibration import Calibration
from benchmarks.measure import measure
from dreamer_tf.collector import random_action
from robot_envs import registry

BLOCK_STEPS = 100


def environment(robot: str, *, repeats: int, calibration: Calibration) -> Dict[str, Any]:
    """Times environment steps with random actions, resets included as they come.

    Args:
      robot: name in the registry.
      repeats: blocks of `BLOCK_STEPS` steps.
      calibration: interleaved.

    Returns:
      The fields of the entry: median of the blocks' mean step, p99 of single steps, and
      `times_real`, how much faster than the robot itself the twin is.
    """
    twin = registry.make(robot, seed=0)
    spec = twin.action_spec()
    actions = itertools.cycle([random_action(spec, i) for i in range(BLOCK_STEPS)])
    twin.reset()
    timing = measure(
        lambda: twin.step(next(actions)), calibration, repeats=repeats, block=BLOCK_STEPS,
        warm_up=10,
    )  # fmt: skip
    twin.close()
    rate = 1.0 / timing.mean_s
    times_real = rate / registry.get(robot).rate_hz
    return {**timing.fields(timing.mean_s), "steps_per_s": rate, "times_real": times_real}
