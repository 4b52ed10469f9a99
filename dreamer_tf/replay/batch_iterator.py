"""Takes batches from a dataset and tells how long the learner waited for them."""

from __future__ import annotations

import time
from typing import Any

import tensorflow as tf


class BatchIterator:
    """An iterator over a dataset that measures the wait for each batch.

    Args:
      dataset: e.g. from `make_sequence_dataset`.

    Attributes:
      last_wait: seconds that the newest `next` took.
      total_wait: seconds that all of them took.
    """

    def __init__(self, dataset: tf.data.Dataset):
        self._iterator = iter(dataset)
        self.last_wait = 0.0
        self.total_wait = 0.0

    def __iter__(self) -> BatchIterator:
        return self

    def __next__(self) -> Any:
        """The next batch; waits while the limiter holds samples back."""
        start = time.perf_counter()
        batch = next(self._iterator)
        self.last_wait = time.perf_counter() - start
        self.total_wait += self.last_wait
        return batch
