"""Policy on latent states."""

from __future__ import annotations

from typing import Optional, Tuple, Union

import gin
import keras
import tensorflow as tf
import tensorflow_probability as tfp

from dreamer_tf.layers.mlp import MLP
from dreamer_tf.math.distributions import ClippedNormal, OneHot, TruncatedNormal, unimix
from dreamer_tf.math.product import product, rounded
from dreamer_tf.math.random import race_noise

ActionDistribution = Union[OneHot, ClippedNormal, TruncatedNormal]
_KINDS = ("one_hot", "clipped_normal", "truncated_normal")
_STD_BIAS = 2.0
"""Makes the first standard deviation close to the largest."""


@gin.configurable(module="dreamer_tf")  # TF-Agents has an Actor too: dreamer_tf.Actor
@keras.saving.register_keras_serializable("dreamer_tf")
class Actor(keras.layers.Layer):
    """Maps features to a distribution of actions.

    Continuous actions: a normal with mean tanh(x) and a standard deviation in
    [min_std, max_std], clipped to [-1, 1] at the robot, or truncated. Discrete
    actions: one-hot with a share of the uniform distribution.

    Args:
      feature_size: F.
      action_size: A.
      discrete: whether actions are one-hot.
      layers: hidden layers.
      units: of each.
      continuous_kind: ``"clipped_normal"`` or ``"truncated_normal"``.
      min_std: in units of the action range's half.
      max_std: likewise.
      unimix: share of the uniform distribution in discrete actions.
      **kwargs: of `keras.layers.Layer`.

    Raises:
      ValueError: for an unknown kind.
    """

    def __init__(
        self,
        feature_size: int,
        action_size: int,
        discrete: bool,
        layers: int = 4,
        units: int = 512,
        continuous_kind: str = "clipped_normal",
        min_std: float = 0.1,
        max_std: float = 1.0,
        unimix: float = 0.1,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if continuous_kind not in _KINDS[1:]:
            raise ValueError(f"continuous_kind must be one of {_KINDS[1:]}, got {continuous_kind}")
        self.feature_size = feature_size
        self.action_size = action_size
        self.discrete = discrete
        self.hidden_layers = layers
        self.units = units
        self.continuous_kind = continuous_kind
        self.min_std = min_std
        self.max_std = max_std
        self.unimix = unimix
        self.mlp = MLP(layers, units, name="mlp", dtype=self.dtype_policy)
        self.output_layer = keras.layers.Dense(
            action_size if discrete else 2 * action_size,
            kernel_initializer=keras.initializers.VarianceScaling(0.01),
            name="output",
            dtype=self.dtype_policy,
        )

    def build(self, input_shape=None):
        self.mlp.build((None, self.feature_size))
        self.output_layer.build((None, self.units))
        super().build(input_shape)

    def prepare(self) -> Tuple:
        """Returns the weights, made ready for a loop."""
        dense = self.output_layer
        cast = lambda x: tf.cast(x, self.compute_dtype)
        return self.mlp.prepare(), rounded(cast(dense.kernel)), cast(dense.bias)

    def call(self, features: tf.Tensor, weights: Optional[Tuple] = None) -> ActionDistribution:
        """Maps features (..., F) to a plain distribution of (..., A), float32.

        Args:
          features: (..., F).
          weights: from `prepare`, if at hand.
        """
        mlp, kernel, bias = weights or self.prepare()
        x = tf.cast(product(self.mlp(features, mlp), kernel) + bias, tf.float32)
        if self.discrete:
            return OneHot(unimix(x, self.unimix))
        mean, std = tf.split(x, 2, -1)
        span = self.max_std - self.min_std
        std = self.min_std + span * tf.sigmoid(std + _STD_BIAS)
        parameters = tf.tanh(mean), std, self.min_std, self.max_std
        if self.continuous_kind == "clipped_normal":
            return ClippedNormal(*parameters)
        return TruncatedNormal(*parameters)

    def noise(self, shape, seed: tf.Tensor) -> tf.Tensor:
        """Returns the noise (..., A) that `sample` of the distribution wants."""
        if self.discrete:
            return race_noise(shape, seed)
        return tf.random.stateless_normal(shape, seed)

    def distribution(self, features: tf.Tensor) -> tfp.distributions.Distribution:
        """The same as a TFP distribution, of batch shape (...) and event shape (A,)."""
        plain = self(features)
        tfd = tfp.distributions
        if self.discrete:
            return tfd.OneHotCategorical(probs=plain.probs, dtype=tf.float32)
        if self.continuous_kind == "clipped_normal":
            return tfd.Independent(tfd.Normal(plain.mean, plain.std), 1)
        return tfd.Independent(tfd.TruncatedNormal(plain.mean, plain.std, -1.0, 1.0), 1)

    def get_config(self):
        names = ("feature_size", "action_size", "discrete", "units", "continuous_kind")
        config = {name: getattr(self, name) for name in (*names, "min_std", "max_std", "unimix")}
        return {**super().get_config(), **config, "layers": self.hidden_layers}
