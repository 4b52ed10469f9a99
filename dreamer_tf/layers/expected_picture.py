"""What pictures show of the robot itself, taken out before they are encoded."""

from __future__ import annotations

from typing import Dict, Mapping, Sequence

import gin
import keras
import tensorflow as tf

from dreamer_tf.layers.decoder import Decoder
from dreamer_tf.layers.encoder import image_keys, plain_shapes, vector_keys
from dreamer_tf.layers.mlp import MLP
from dreamer_tf.math.picture_error import picture_error
from dreamer_tf.math.scaling import decayed_moments

Observation = Dict[str, tf.Tensor]

_SMALLEST_DEVIATION = 0.02  # Of a vector's number; what differs less is noise.


@gin.configurable(denylist=["shapes"])
@keras.saving.register_keras_serializable("dreamer_tf")
class ExpectedPicture(keras.layers.Layer):
    """Centres pictures on what they are expected to show, given the robot's other sensors.

    Most of what changes in the picture of an arm is the arm, and its joint angles say where that
    is. A regression from the vectors to the pictures, trained along with the world model, learns
    arm and room in some hundred updates; what is left of a picture is the world. The encoder sees
    that, and the decoder predicts it: its logits are added to the expected ones.

    Measured on 8,000 random steps of the xArm's twin (a toy of 20 pixels; an autoencoder of the
    small preset's sizes, 128 pictures an update, error of the toy's pixels in units of that of
    the mean picture): 0.98 after 800 updates on pictures centred on their mean, 0.45 after 300
    on what a regression of 1,000 updates leaves of them, with `Decoder.large_error_weight`.

    Args:
      shapes: observation key to shape; at least one picture and one vector.
      cnn_depth: see `Decoder`.
      mlp_layers: layers between vectors and pictures.
      mlp_units: units of each.
      decay: weight of the past in the moments of the vectors.
      contrast: factor on centred pictures.
      train_share: of a batch's sequences, those that teach it.
      **kwargs: of `keras.layers.Layer`.

    Raises:
      ValueError: there is no picture or no vector.
    """

    def __init__(
        self,
        shapes: Mapping[str, Sequence[int]],
        cnn_depth: int = 12,
        mlp_layers: int = 2,
        mlp_units: int = 128,
        decay: float = 0.99,
        contrast: float = 4.0,
        train_share: float = 0.25,
        **kwargs,
    ):
        # Sensors differ in more than half precision holds.
        super().__init__(autocast=False, **kwargs)
        self.shapes = {key: tuple(shape) for key, shape in shapes.items()}
        self.cnn_depth = cnn_depth
        self.mlp_layers = mlp_layers
        self.mlp_units = mlp_units
        self.decay = decay
        self.contrast = contrast
        self.train_share = train_share
        self.image_keys = image_keys(self.shapes)
        self.vector_keys = vector_keys(self.shapes)
        if not self.image_keys or not self.vector_keys:
            raise ValueError(f"it takes a picture and a vector to expect one, got {shapes}")
        pictures = {key: self.shapes[key] for key in self.image_keys}
        self.mlp = MLP(mlp_layers, mlp_units, name="mlp", dtype=self.dtype_policy)
        self.decoder = Decoder(
            pictures, mlp_units, cnn_depth=cnn_depth, name="decoder", dtype=self.dtype_policy
        )

    def build(self, input_shape=None):
        size = sum((self.shapes[key] or (1,))[0] for key in self.vector_keys)
        still = {
            "initializer": "zeros",
            "trainable": False,
            "dtype": tf.float32,
            "experimental_autocast": False,
        }
        self.average = self.add_weight("average", (size,), **still)
        self.square = self.add_weight("square", (size,), **still)
        self.weight = self.add_weight("weight", (), **still)
        self.mlp.build((None, size))
        self.decoder.build()
        super().build(input_shape)

    def update(self, observation: Observation) -> None:
        """Takes the vectors of a batch of observations (..., *shape) into their moments."""
        vectors = self._vectors(observation)
        mean, square = decayed_moments(self.average, self.square, vectors, self.decay)
        self.average.assign(mean)
        self.square.assign(square)
        self.weight.assign(self.decay * self.weight + (1.0 - self.decay))

    def call(self, observation: Observation) -> Observation:
        """Expected pictures before the sigmoid, key to float32 (..., *shape), from vectors."""
        mean = tf.math.divide_no_nan(self.average, self.weight)
        square = tf.math.divide_no_nan(self.square, self.weight)
        variance = tf.maximum(square - tf.square(mean), _SMALLEST_DEVIATION**2)
        variance = tf.where(self.weight > 0.0, variance, 1.0)  # nothing was seen yet
        vectors = (self._vectors(observation) - mean) * tf.math.rsqrt(variance)
        return self.decoder.picture_logits(self.mlp(tf.cast(vectors, self.compute_dtype)))

    def centred(self, observation: Observation, logits: Observation) -> Observation:
        """Returns observations with pictures centred on those of `logits`, without gradient."""
        result = dict(observation)
        for key in self.image_keys:
            expected = tf.sigmoid(tf.stop_gradient(logits[key]))
            result[key] = (tf.cast(observation[key], tf.float32) - expected) * self.contrast
        return result

    def loss_of(self, observation: Observation) -> tf.Tensor:
        """Squared errors, summed over pictures, of a batch (B, ..., *shape): (b, ...) float32.

        b is `train_share` of B, rounded up: the first sequences.
        """
        count = tf.shape(observation[self.image_keys[0]])[0]
        count = tf.cast(tf.math.ceil(tf.cast(count, tf.float32) * self.train_share), tf.int32)
        part = {key: observation[key][:count] for key in self.shapes}
        errors = [
            picture_error(logits, tf.cast(part[key], tf.float32))
            for key, logits in self(part).items()
        ]
        return tf.add_n(errors)

    def _vectors(self, observation: Observation) -> tf.Tensor:
        parts = [
            tf.cast(observation[key] if self.shapes[key] else observation[key][..., None],
                    tf.float32)
            for key in self.vector_keys
        ]
        return tf.concat(parts, -1)

    def get_config(self):
        names = ("cnn_depth", "mlp_layers", "mlp_units", "decay", "contrast", "train_share")
        config = {name: getattr(self, name) for name in names}
        return {**super().get_config(), **config, "shapes": plain_shapes(self.shapes)}
