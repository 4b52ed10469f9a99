"""Head of an unbounded number, learned in symlog space."""

from __future__ import annotations

import tensorflow as tf
import tensorflow_probability as tfp

from dreamer_tf.layers.scalar_head import ScalarHead
from dreamer_tf.math.symlog import symexp, symexp_bijector, symlog

_HALF_VARIANCE = 0.5**0.5


class SymlogHead(ScalarHead):
    """Predicts symlog(x) with a squared error (DreamerV3, arXiv 2301.04104, eq. 8)."""

    def mean(self, features: tf.Tensor) -> tf.Tensor:
        """Predicted value (...) in its own units, from features (..., F)."""
        return symexp(self(features))

    def loss_of(self, features: tf.Tensor, target: tf.Tensor) -> tf.Tensor:
        """Squared error (...) in symlog space.

        Args:
          features: (..., F).
          target: (...) in its own units.
        """
        return tf.math.squared_difference(self(features), symlog(target))

    def distribution(self, features: tf.Tensor) -> tfp.distributions.Distribution:
        """The value as a TFP distribution whose symlog is normal; its batch shape is (...)."""
        normal = tfp.distributions.Normal(self(features), _HALF_VARIANCE)
        return tfp.distributions.TransformedDistribution(normal, symexp_bijector())
