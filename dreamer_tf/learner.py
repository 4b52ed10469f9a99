"""Trains the agent on batches from the replay."""
from __future__ import annotations

import math
import time
from typing import Any, Dict, Iterator, List, Optional, Sequence

import tensorflow as tf

from dreamer_tf.errors import UserError
from dreamer_tf.replay.priorities import ITEM_KEY, PRIORITIES, Priorities
from dreamer_tf.trained_agent import TrainedAgent


class NotFiniteError(UserError):
    """A loss is not a number any more: the weights are spoilt and must not be saved."""


class Learner:
    """One compiled update at a time; metrics stay tensors until somebody reads them."""

    def __init__(self, agent: TrainedAgent, batches: Iterator[Dict[str, Any]],
                 priorities: Optional[Priorities] = None):
        """Compiles at the first update.

        Args:
          agent: its `train` takes a batch and returns scalars in `extra`.
          batches: gives dicts of (B, T, ...) tensors, for ever.
          priorities: takes those that the agent's updates give the items of their batches; None
            when the replay has none.
        """
        self._agent = agent
        self._batches = batches
        self._priorities = priorities
        self._names: List[str] = []
        self._compiled = tf.function(self._train, autograph=False)
        self.last_batch: Dict[str, Any] = {}
        self.updates = int(agent.train_step_counter.numpy())
        self.wait_seconds = 0.0
        self.train_seconds = 0.0

    @property
    def names(self) -> Sequence[str]:
        """Names of the metrics that `update` returns; empty before the first update."""
        return self._names

    def update(self) -> tf.Tensor:
        """Makes one update.

        Returns:
          The metrics, float32 (M,), in the order of `names`.

        Raises:
          NotFiniteError: a loss is not finite.
          UserError: the replay server has gone.
        """
        began = time.perf_counter()
        self.last_batch = batch = next(self._batches)
        got = time.perf_counter()
        finite, metrics, priorities = self._compiled(batch)
        finite = bool(finite)
        self.wait_seconds += got - began
        self.train_seconds += time.perf_counter() - got
        if not finite:
            self._refuse(metrics)
        if self._priorities is not None:
            self._priorities.set(batch[ITEM_KEY].numpy(), priorities.numpy())
        self.updates += 1
        return metrics

    def _train(self, batch):
        info = self._agent.train(batch)
        metrics = {'loss': info.loss, **info.extra}
        priorities = metrics.pop(PRIORITIES, ())
        self._names[:] = sorted(metrics)
        values = [tf.cast(metrics[name], tf.float32) for name in self._names]
        losses = [value for name, value in zip(self._names, values) if 'loss' in name]
        return tf.reduce_all(tf.math.is_finite(losses)), tf.stack(values), priorities

    def _refuse(self, metrics: tf.Tensor) -> None:
        bad = ['{} is {}'.format(name, number) for name, number in zip(self._names, metrics.numpy())
               if 'loss' in name and not math.isfinite(number)]
        bad.sort(key=lambda text: not text.startswith('model/'))  # the rest follows from the model
        raise NotFiniteError(
            'training went wrong at update {}: {}; nothing of it is saved: the same command goes '
            'on from the last checkpoint, a lower learning rate may help'.format(
                self.updates + 1, ', '.join(bad[:4])))
