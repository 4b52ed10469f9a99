"""Does the episode go on after a latent state?"""

from __future__ import annotations

import gin
import keras
import tensorflow as tf
import tensorflow_probability as tfp

from dreamer_tf.layers.scalar_head import ScalarHead


@gin.configurable
@keras.saving.register_keras_serializable("dreamer_tf")
class ContinueHead(ScalarHead):
    """Predicts that a state is not terminal.

    Args:
      feature_size: F.
      layers: hidden layers.
      units: of each.
      **kwargs: of `keras.layers.Layer`.
    """

    def __init__(self, feature_size: int, layers: int = 4, units: int = 512, **kwargs):
        super().__init__(feature_size, layers, units, **kwargs)

    def mean(self, features: tf.Tensor) -> tf.Tensor:
        """Probability (...) to go on, from features (..., F)."""
        return tf.sigmoid(self(features))

    def loss_of(self, features: tf.Tensor, target: tf.Tensor) -> tf.Tensor:
        """Negative log-likelihood (...) of a Bernoulli.

        Args:
          features: (..., F).
          target: (...) 1.0 goes on, 0.0 terminal.
        """
        return tf.nn.sigmoid_cross_entropy_with_logits(target, self(features))

    def distribution(self, features: tf.Tensor) -> tfp.distributions.Distribution:
        """A TFP Bernoulli of batch shape (...)."""
        return tfp.distributions.Bernoulli(logits=self(features))
