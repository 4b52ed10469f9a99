"""An unbounded number as a distribution over bins in symlog space."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from dreamer_tf.math.symlog import symexp, symlog
from dreamer_tf.math.two_hot import two_hot


class SymlogTwoHot:
    """The outputs are logits of bins; the target is two-hot (DreamerV3, arXiv 2301.04104v1).

    The number is symexp of the mean bin, as in the first version of that paper (eq. 8-11), so it is
    a mean in symlog space, as that of `SymlogError`; the second version takes the mean of symexp of
    the bins.

    Args:
      bins: how many, at equal distances in symlog space.
      limit: the last bin; the first is -limit. exp(20) is 5e8.

    Attributes:
      output_size: outputs for a number.
    """

    def __init__(self, bins: int = 255, limit: float = 20.0):
        self.output_size = bins
        self._limit = limit
        self._bins = np.linspace(-limit, limit, bins).astype(np.float32)

    def mean(self, output: tf.Tensor) -> tf.Tensor:
        """Returns the number (...) in its own units, from an output (..., bins)."""
        return symexp(tf.reduce_sum(tf.nn.softmax(output) * self._bins, -1))

    def loss(self, output: tf.Tensor, target: tf.Tensor) -> tf.Tensor:
        """Returns the cross entropy (...) of the two-hot target, in nats.

        Args:
          output: (..., bins).
          target: (...) in its own units.
        """
        weights = two_hot(symlog(target), -self._limit, self._limit, self.output_size)
        return tf.nn.softmax_cross_entropy_with_logits(weights, output)

    def distribution(self, output: tf.Tensor) -> tfp.distributions.Distribution:
        """Returns the chance of each bin's number as a TFP distribution; batch shape (...)."""
        return tfp.distributions.FiniteDiscrete(symexp(self._bins), logits=output)
