"""What pictures have in common, taken out before they are encoded."""

from __future__ import annotations

from typing import Dict, Mapping, Sequence

import keras
import tensorflow as tf

from dreamer_tf.layers.encoder import image_keys, plain_shapes
from dreamer_tf.replicas import mean_over_replicas

_GREY = 0.5


@keras.saving.register_keras_serializable("dreamer_tf")
class PictureMean(keras.layers.Layer):
    """Centres pictures on their running mean.

    A robot's camera sees the same room all day, and what matters is often small in it.
    Measured on the Sphero twin (a robot of 5 x 10 pixels, an autoencoder with the small
    preset's sizes and learning rate): with centred pictures the squared error of the
    reconstruction passes below that of the empty arena after 400 updates of 128 pictures,
    without not in 450.

    Args:
      shapes: observation key to shape; keys of other ranks than pictures' are left alone.
      decay: weight of the past in a batch's update of the mean.
      contrast: factor on centred pictures.
      **kwargs: of `keras.layers.Layer`.
    """

    def __init__(
        self,
        shapes: Mapping[str, Sequence[int]],
        decay: float = 0.99,
        contrast: float = 4.0,
        **kwargs,
    ):
        super().__init__(dtype=tf.float32, **kwargs)
        self.shapes = {key: tuple(shape) for key, shape in shapes.items()}
        self.decay = decay
        self.contrast = contrast
        self.image_keys = image_keys(self.shapes)

    def build(self, input_shape=None):
        zeros = {"initializer": "zeros", "trainable": False}
        self.weight = self.add_weight("weight", (), **zeros)
        self.averages = [self.add_weight(key, self.shapes[key], **zeros) for key in self.image_keys]
        super().build(input_shape)

    def update(self, observation: Dict[str, tf.Tensor]) -> None:
        """Takes in a batch of observations (..., *shape), pictures in [0, 1]."""
        self.weight.assign(self.decay * self.weight + (1.0 - self.decay))
        for key, average in zip(self.image_keys, self.averages):
            picture = tf.reshape(tf.cast(observation[key], tf.float32), (-1, *self.shapes[key]))
            mean = mean_over_replicas(tf.reduce_mean(picture, 0))
            average.assign(self.decay * average + (1.0 - self.decay) * mean)

    def call(self, observation: Dict[str, tf.Tensor]) -> Dict[str, tf.Tensor]:
        """Returns observations with pictures centred; on grey before the first `update`."""
        result = dict(observation)
        seen = self.weight > 0.0
        for key, average in zip(self.image_keys, self.averages):
            mean = tf.where(seen, tf.math.divide_no_nan(average, self.weight), _GREY)
            picture = tf.cast(observation[key], tf.float32)
            result[key] = (picture - mean) * self.contrast
        return result

    def get_config(self):
        config = super().get_config()
        config.pop("dtype")
        return {
            **config,
            "shapes": plain_shapes(self.shapes),
            "decay": self.decay,
            "contrast": self.contrast,
        }
