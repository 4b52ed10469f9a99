"""Latent states to observations."""

from __future__ import annotations

from typing import Callable, Dict, Mapping, Optional, Sequence

import gin
import keras
import tensorflow as tf
import tensorflow_probability as tfp

from dreamer_tf.layers.encoder import image_keys, plain_shapes, vector_keys
from dreamer_tf.layers.mlp import MLP
from dreamer_tf.layers.norm_conv import NormConv
from dreamer_tf.math.picture_error import picture_error
from dreamer_tf.math.symlog import symexp, symexp_bijector, symlog

Tensors = Dict[str, tf.Tensor]

_KERNELS = (5, 5, 6, 6)
_HALF_VARIANCE = 0.5**0.5
"""Standard deviation whose negative log-likelihood is the squared error, and a constant."""


@gin.configurable
@keras.saving.register_keras_serializable("dreamer_tf")
class Decoder(keras.layers.Layer):
    """Predicts pictures by four transposed convolutions and vectors by an MLP.

    Args:
      shapes: observation key to shape without batch, as for `Encoder`.
      feature_size: F.
      cnn_depth: channels before the last convolution; they double towards the first.
      mlp_layers: layers for vectors.
      mlp_units: units of each.
      symlog_vectors: predict symlog of vectors, for those of large range.
      large_error_weight: w in e^2 (1 + w e^2), the loss of a picture's number with error e.
        Above 0, something small that is missing weighs more than the blur around something large.
      **kwargs: of `keras.layers.Layer`.
    """

    def __init__(
        self,
        shapes: Mapping[str, Sequence[int]],
        feature_size: int,
        cnn_depth: int = 64,
        mlp_layers: int = 4,
        mlp_units: int = 512,
        symlog_vectors: bool = False,
        large_error_weight: float = 0.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.shapes = {key: tuple(shape) for key, shape in shapes.items()}
        self.feature_size = feature_size
        self.cnn_depth = cnn_depth
        self.mlp_layers = mlp_layers
        self.mlp_units = mlp_units
        self.symlog_vectors = symlog_vectors
        self.large_error_weight = large_error_weight
        self.image_keys = image_keys(self.shapes)
        self.vector_keys = vector_keys(self.shapes)
        self.convs = self._make_convs() if self.image_keys else []
        self.mlp, self.outputs = None, {}
        if self.vector_keys:
            self.mlp = MLP(mlp_layers, mlp_units, name="mlp", dtype=self.dtype_policy)
            self.outputs = {
                key: keras.layers.Dense(_size(self.shapes[key]), name=key, dtype=self.dtype_policy)
                for key in self.vector_keys
            }

    def _make_convs(self):
        channels = sum(self.shapes[key][-1] for key in self.image_keys)
        filters = [self.cnn_depth * 4, self.cnn_depth * 2, self.cnn_depth, channels]
        return [
            NormConv(
                count,
                kernel,
                transposed=True,
                normalise=i < len(filters) - 1,
                name=f"conv_{i}",
                dtype=self.dtype_policy,
            )
            for i, (count, kernel) in enumerate(zip(filters, _KERNELS))
        ]

    def build(self, input_shape=None):
        size, channels = 1, self.feature_size
        for conv in self.convs:
            conv.build((None, size, size, channels))
            size, channels = conv.output_size(size), conv.filters
        if self.mlp:
            self.mlp.build((None, self.feature_size))
            for output in self.outputs.values():
                output.build((None, self.mlp_units))
        super().build(input_shape)

    def call(self, features: tf.Tensor, expected: Optional[Tensors] = None) -> Tensors:
        """Maps features (..., F) to float32 predictions of every key, (..., *shape).

        Pictures in [0, 1]; vectors in symlog space if so configured. ``expected`` are logits to
        which those of the pictures are added, see `ExpectedPicture`.
        """
        pictures = self._picture_logits(features, expected)
        return {**{key: tf.sigmoid(x) for key, x in pictures.items()}, **self._vectors(features)}

    def _picture_logits(self, features, expected):
        pictures = self.picture_logits(features)
        for key, logits in (expected or {}).items():
            pictures[key] += logits
        return pictures

    def picture_logits(self, features: tf.Tensor) -> Tensors:
        """Pictures before the sigmoid, key to float32 (..., *shape), of features (..., F)."""
        if not self.convs:
            return {}
        x = tf.reshape(features, [-1, 1, 1, self.feature_size])
        for conv in self.convs:
            x = conv(x)
        channels = [self.shapes[key][-1] for key in self.image_keys]
        return self._shaped(dict(zip(self.image_keys, tf.split(x, channels, -1))), features)

    def _vectors(self, features):
        if not self.mlp:
            return {}
        hidden = self.mlp(tf.reshape(features, [-1, self.feature_size]))
        return self._shaped({key: head(hidden) for key, head in self.outputs.items()}, features)

    def _shaped(self, outputs, features):
        leading = tf.shape(features)[:-1]
        return {
            key: tf.reshape(tf.cast(x, tf.float32), tf.concat([leading, self.shapes[key]], 0))
            for key, x in outputs.items()
        }

    def mean(
        self, features: tf.Tensor, expect: Optional[Callable[[Tensors], Tensors]] = None
    ) -> Tensors:
        """Predicted observations (..., *shape), pictures in [0, 1], vectors in their units.

        ``expect`` gives the expected logits of pictures for predicted vectors.
        """
        vectors = self._vectors(features)
        if self.symlog_vectors:
            vectors = {key: symexp(value) for key, value in vectors.items()}
        expected = expect(vectors) if expect else {}
        pictures = {
            key: tf.sigmoid(logits + expected.get(key, 0.0))
            for key, logits in self.picture_logits(features).items()
        }
        return {**pictures, **vectors}

    def losses_of(
        self, features: tf.Tensor, observation: Tensors, expected: Optional[Tensors] = None
    ) -> Tensors:
        """Squared errors summed over each observation, key to (...) float32.

        Args:
          features: (..., F).
          observation: (..., *shape), pictures as float in [0, 1].
          expected: see `call`.
        """
        losses = {}
        for key, logits in self._picture_logits(features, expected).items():
            target = tf.cast(observation[key], tf.float32)
            losses[key] = picture_error(logits, target, self.large_error_weight)
        for key, output in self._vectors(features).items():
            target = tf.cast(observation[key], tf.float32)
            target = symlog(target) if self.symlog_vectors else target
            error = tf.math.squared_difference(output, target)
            axes = list(range(output.shape.rank - len(self.shapes[key]), output.shape.rank))
            losses[key] = tf.reduce_sum(error, axes)
        return losses

    def distribution(self, features: tf.Tensor) -> Dict[str, tfp.distributions.Distribution]:
        """Predictions as TFP distributions: normals of which the squared error is the loss."""
        result = {}
        for key, output in self(features).items():
            normal = tfp.distributions.Normal(output, _HALF_VARIANCE)
            if self.symlog_vectors and key in self.vector_keys:
                normal = tfp.distributions.TransformedDistribution(normal, symexp_bijector())
            result[key] = tfp.distributions.Independent(normal, len(self.shapes[key]))
        return result

    def get_config(self):
        names = ["feature_size", "cnn_depth", "mlp_layers", "mlp_units", "symlog_vectors"]
        names.append("large_error_weight")
        config = {name: getattr(self, name) for name in names}
        return {**super().get_config(), **config, "shapes": plain_shapes(self.shapes)}


def _size(shape):
    return shape[0] if shape else 1
