"""Uniform actions."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from tf_agents.trajectories import time_step as ts

from dreamer_tf.collector import random_action


class RandomActions:
    """Draws actions as a function of seed, purpose and count, so that a run can be resumed.

    Args:
      spec: BoundedArraySpec of the action.
      seed: of the run.
      greedy: whether it evaluates; those draws are others.
      count: () int64, draws so far.
    """

    def __init__(self, spec, seed: int, greedy: bool, count: tf.Variable):
        self._spec, self._seed, self._greedy, self._count = spec, seed, greedy, count

    def action(self, time_step: ts.TimeStep) -> np.ndarray:
        """Returns the next draw, whatever the time step is."""
        del time_step
        number = int(self._count.numpy())
        self._count.assign_add(1)
        # A third word, unlike the collector's (seed, block): other draws than those of the prefill.
        return random_action(self._spec, (self._seed, number, 1 + self._greedy))
