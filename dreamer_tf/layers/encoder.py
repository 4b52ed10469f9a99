"""Observations to embeddings."""

from __future__ import annotations

from typing import Dict, Mapping, Sequence

import gin
import keras
import tensorflow as tf

from dreamer_tf.layers.mlp import MLP
from dreamer_tf.layers.norm_conv import NormConv

_KERNELS = (4, 4, 4, 4)


def image_keys(shapes: Mapping[str, Sequence[int]]) -> Sequence[str]:
    """Returns the keys of pictures (height, width, channels), sorted."""
    return sorted(key for key, shape in shapes.items() if len(shape) == 3)


def vector_keys(shapes: Mapping[str, Sequence[int]]) -> Sequence[str]:
    """Returns the keys of vectors and scalars, sorted."""
    return sorted(key for key, shape in shapes.items() if len(shape) < 2)


def plain_shapes(shapes: Mapping[str, Sequence[int]]) -> Dict[str, Sequence[int]]:
    """Returns shapes as plain dict and lists, as a layer's config wants them."""
    return {key: list(shape) for key, shape in shapes.items()}


@gin.configurable
@keras.saving.register_keras_serializable("dreamer_tf")
class Encoder(keras.layers.Layer):
    """Pictures through four strided convolutions, vectors through an MLP, side by side.

    Args:
      shapes: observation key to shape without batch; rank 3 is a picture of 64 x 64
        (all are stacked on channels), rank 0 or 1 a vector (all are joined).
      cnn_depth: channels of the first convolution; they double with each.
      mlp_layers: layers for vectors.
      mlp_units: units of each.
      **kwargs: of `keras.layers.Layer`.

    Raises:
      ValueError: if there is nothing to encode, a picture is not 64 x 64, or an
        observation is neither picture nor vector.
    """

    def __init__(
        self,
        shapes: Mapping[str, Sequence[int]],
        cnn_depth: int = 64,
        mlp_layers: int = 4,
        mlp_units: int = 512,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.shapes = {key: tuple(shape) for key, shape in shapes.items()}
        self.cnn_depth = cnn_depth
        self.mlp_layers = mlp_layers
        self.mlp_units = mlp_units
        self.image_keys = image_keys(self.shapes)
        self.vector_keys = vector_keys(self.shapes)
        _check_shapes(self.shapes, self.image_keys, self.vector_keys)
        self.convs = [
            NormConv(cnn_depth * 2**i, kernel, name=f"conv_{i}", dtype=self.dtype_policy)
            for i, kernel in enumerate(_KERNELS if self.image_keys else ())
        ]
        self.mlp = None
        if self.vector_keys:
            self.mlp = MLP(mlp_layers, mlp_units, name="mlp", dtype=self.dtype_policy)

    def build(self, input_shape=None):
        if self.convs:
            size = self.shapes[self.image_keys[0]][0]
            channels = sum(self.shapes[key][-1] for key in self.image_keys)
            for conv in self.convs:
                conv.build((None, size, size, channels))
                size, channels = conv.output_size(size), conv.filters
        if self.mlp:
            self.mlp.build((None, sum(_size(self.shapes[key]) for key in self.vector_keys)))
        super().build(input_shape)

    @property
    def embedding_size(self) -> int:
        """E."""
        size = self.mlp_units if self.mlp else 0
        if self.convs:
            side = self.shapes[self.image_keys[0]][0]
            for conv in self.convs:
                side = conv.output_size(side)
            size += side * side * self.convs[-1].filters
        return size

    def call(self, observation: Dict[str, tf.Tensor]) -> tf.Tensor:
        """Maps observations (..., *shape) to embeddings (..., E).

        Args:
          observation: may hold more keys than are encoded. Pictures as float in [0, 1].
        """
        first = (self.image_keys or self.vector_keys)[0]
        rank = observation[first].shape.rank - len(self.shapes[first])
        leading = tf.shape(observation[first])[:rank]
        parts = []
        if self.convs:
            x = tf.concat([self._flat(observation, key) for key in self.image_keys], -1)
            for conv in self.convs:
                x = conv(x)
            parts.append(tf.reshape(x, [-1, x.shape[1] * x.shape[2] * x.shape[3]]))
        if self.mlp:
            x = tf.concat([self._flat(observation, key) for key in self.vector_keys], -1)
            parts.append(self.mlp(x))
        embedding = tf.concat(parts, -1)
        embedding = tf.reshape(embedding, tf.concat([leading, [self.embedding_size]], 0))
        static = observation[first].shape[:rank]
        return tf.ensure_shape(embedding, [*static, self.embedding_size])

    def _flat(self, observation, key):
        shape = self.shapes[key] or (1,)
        return tf.reshape(tf.cast(observation[key], self.compute_dtype), (-1, *shape))

    def get_config(self):
        names = ("cnn_depth", "mlp_layers", "mlp_units")
        config = {name: getattr(self, name) for name in names}
        return {**super().get_config(), **config, "shapes": plain_shapes(self.shapes)}


def _size(shape):
    return shape[0] if shape else 1


def _check_shapes(shapes, images, vectors):
    if not images and not vectors:
        raise ValueError(f"nothing to encode: no picture or vector in {shapes}")
    for key in sorted(set(shapes) - {*images, *vectors}):
        raise ValueError(f"{key!r} is neither picture nor vector: its shape is {shapes[key]}")
    for key in images:
        if shapes[key][:2] != (64, 64):
            raise ValueError(f"picture {key!r} must be 64 x 64, got {shapes[key]}")
