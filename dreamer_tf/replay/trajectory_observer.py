"""Lets TF-Agents' own drivers write into replay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf
from tf_agents.trajectories import trajectory as tj

from dreamer_tf.replay.alignment import steps_from_trajectory


class TrajectoryObserver:
    """An observer for `PyDriver(observers=[...])` that feeds `SequenceWriter.append`.

    It must see every entry of ONE unbatched environment, boundary entries (LAST -> FIRST)
    included, starting at the beginning of an episode.

    Args:
      append: takes one replay step, e.g. `SequenceWriter.append`.
      num_actions: number of choices of a discrete action, None for a continuous one.
    """

    def __init__(self, append: Callable[[dict[str, Any]], Any], num_actions: int | None = None):
        self._append = append
        self._num_actions = num_actions
        self._previous: tj.Trajectory | None = None

    def __call__(self, trajectory: tj.Trajectory) -> None:
        """Append the step of one trajectory entry (arrays without batch or time axis).

        Raises:
          ValueError: the very first entry is not the first of an episode.
        """
        entry = tf.nest.map_structure(lambda value: np.asarray(value)[None], trajectory)
        steps = steps_from_trajectory(entry, self._num_actions, self._previous)
        self._previous = trajectory
        self._append({key: value[0] for key, value in steps.items()})
