"""The unit of all figures."""

from __future__ import annotations

import time
from typing import List

import numpy as np
import tensorflow as tf

from benchmarks.report import CALIBRATION_SIZE


class Calibration:
    """One float32 matrix product of 2048 x 2048 x 2048.

    What else the machine does slows the product as it slows what is measured between two of
    them, so their ratio can be compared with that of another day or machine.

    Attributes:
      seconds: of every product so far.
    """

    def __init__(self):
        """Makes the factors (the same numbers always) and a first product, which is not kept."""
        shape, seed = [2, CALIBRATION_SIZE, CALIBRATION_SIZE], tf.constant([1, 2])
        self._factors = tf.unstack(tf.random.stateless_uniform(shape, seed))
        self.seconds: List[float] = []
        tf.matmul(*self._factors)

    def run(self, times: int = 1) -> None:
        """Makes products and notes how long each took."""
        for _ in range(times):
            began = time.perf_counter()
            tf.matmul(*self._factors)
            self.seconds.append(time.perf_counter() - began)

    def median_s(self, first: int = 0) -> float:
        """Returns the median of all products, or of those from number `first` on."""
        return float(np.median(self.seconds[first:]))
