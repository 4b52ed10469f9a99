"""Value of a latent state."""

from __future__ import annotations

import gin
import keras

from dreamer_tf.layers.symlog_head import SymlogHead


@gin.configurable
@keras.saving.register_keras_serializable("dreamer_tf")
class Critic(SymlogHead):
    """Predicts the lambda-return from a state on.

    Its slow target is a second `Critic`, which `Behavior` copies now and then.

    Args:
      feature_size: F.
      layers: hidden layers.
      units: of each.
      kind: how it is learned, see `SymlogHead`.
      **kwargs: of `keras.layers.Layer`.
    """

    def __init__(
        self,
        feature_size: int,
        layers: int = 4,
        units: int = 512,
        kind: str = "squared_error",
        **kwargs,
    ):
        super().__init__(feature_size, layers, units, kind, **kwargs)
