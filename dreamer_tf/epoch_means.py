"""Means of what batches give, for Keras' `fit` and `evaluate`."""

from __future__ import annotations

from typing import Dict, List, Mapping, Sequence

import keras
import tensorflow as tf


class EpochMeans:
    """One `keras.metrics.Mean` a name.

    A plain object: Keras would count the metrics of a list or dict among a model's weights.

    Args:
      names: of all values that will come.
    """

    def __init__(self, names: Sequence[str]):
        self._means = {name: keras.metrics.Mean(name) for name in names}

    @property
    def metrics(self) -> List[keras.metrics.Metric]:
        """What Keras resets at the start of an epoch."""
        return list(self._means.values())

    def update(self, values: Mapping[str, tf.Tensor]) -> Dict[str, tf.Tensor]:
        """Takes in the scalars of a batch; returns the means of the epoch so far."""
        for name, value in values.items():
            self._means[name].update_state(value)
        return {name: self._means[name].result() for name in values}
