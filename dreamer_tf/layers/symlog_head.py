"""Head of an unbounded number, learned in symlog space."""

from __future__ import annotations

import tensorflow as tf
import tensorflow_probability as tfp

from dreamer_tf.layers.mlp_head import MLPHead
from dreamer_tf.math.symlog_error import SymlogError
from dreamer_tf.math.symlog_two_hot import SymlogTwoHot

_KINDS = {"squared_error": SymlogError, "two_hot": SymlogTwoHot}


class SymlogHead(MLPHead):
    """Predicts a number of any range.

    Args:
      feature_size: F.
      layers: hidden layers.
      units: of each.
      kind: how the number is learned: ``"squared_error"`` in symlog space (`SymlogError`), or
        ``"two_hot"``, as a distribution over 255 bins there (`SymlogTwoHot`).
      **kwargs: of `keras.layers.Layer`.

    Raises:
      ValueError: for an unknown kind.
    """

    def __init__(
        self, feature_size: int, layers: int, units: int, kind: str = "squared_error", **kwargs
    ):
        if kind not in _KINDS:
            raise ValueError(f"kind must be one of {tuple(_KINDS)}, got {kind!r}")
        code = _KINDS[kind]()
        super().__init__(feature_size, code.output_size, layers, units, **kwargs)
        self.kind = kind
        self._code = code

    def call(self, features: tf.Tensor) -> tf.Tensor:
        """Maps features (..., F) to symlog of the number (...), or to logits (..., bins)."""
        output = super().call(features)
        return output[..., 0] if self.output_size == 1 else output

    def mean(self, features: tf.Tensor) -> tf.Tensor:
        """Predicted value (...) in its own units, from features (..., F)."""
        return self._code.mean(self(features))

    def loss_of(self, features: tf.Tensor, target: tf.Tensor) -> tf.Tensor:
        """Loss (...): squared error in symlog space, or cross entropy in nats.

        Args:
          features: (..., F).
          target: (...) in its own units.
        """
        return self._code.loss(self(features), target)

    def distribution(self, features: tf.Tensor) -> tfp.distributions.Distribution:
        """The value as a TFP distribution; its batch shape is (...)."""
        return self._code.distribution(self(features))

    def get_config(self):
        config = super().get_config()
        config.pop("output_size")
        return {**config, "kind": self.kind}
