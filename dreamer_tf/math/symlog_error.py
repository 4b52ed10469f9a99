"""An unbounded number as one output, learned by its squared error in symlog space."""

from __future__ import annotations

import tensorflow as tf
import tensorflow_probability as tfp

from dreamer_tf.math.symlog import symexp, symexp_bijector, symlog

_HALF_VARIANCE = 0.5**0.5


class SymlogError:
    """The output is symlog of the number (DreamerV3, arXiv 2301.04104, eq. 8).

    Attributes:
      output_size: outputs for a number.
    """

    output_size = 1

    def mean(self, output: tf.Tensor) -> tf.Tensor:
        """Returns the number (...) in its own units, from an output (...)."""
        return symexp(output)

    def loss(self, output: tf.Tensor, target: tf.Tensor) -> tf.Tensor:
        """Returns the squared error (...) in symlog space.

        Args:
          output: (...).
          target: (...) in its own units.
        """
        return tf.math.squared_difference(output, symlog(target))

    def distribution(self, output: tf.Tensor) -> tfp.distributions.Distribution:
        """Returns the number as a TFP distribution whose symlog is normal; batch shape (...)."""
        normal = tfp.distributions.Normal(output, _HALF_VARIANCE)
        return tfp.distributions.TransformedDistribution(normal, symexp_bijector())
