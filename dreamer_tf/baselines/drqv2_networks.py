"""The networks of DrQ-v2 (arXiv 2107.09645, appendix B), as Keras models that are built."""

from __future__ import annotations

from typing import Sequence, Tuple

import keras
import tensorflow as tf

from dreamer_tf.errors import UserError

SMALLEST_PICTURE = 15
"""Pixels that the four convolutions need."""


def make_encoder(shape: Sequence[int], channels: int) -> keras.Model:
    """Returns a model from pictures (B, height, width, C) of 0 to 255 to (B, E).

    Args:
      shape: height, width and C of the stack.
      channels: of each of the four convolutions.

    Raises:
      UserError: the pictures are too small.
    """
    if min(shape[:2]) < SMALLEST_PICTURE:
        raise UserError(f"the agent drqv2 needs pictures of {SMALLEST_PICTURE} pixels and more")
    layers = [keras.layers.Input(tuple(shape)), keras.layers.Rescaling(1 / 255, -0.5)]
    for stride in (2, 1, 1, 1):
        layers.append(
            keras.layers.Conv2D(
                channels, 3, stride, activation="relu", kernel_initializer=_orthogonal(2**0.5)
            )
        )
    return keras.Sequential([*layers, keras.layers.Flatten()], name="encoder")


def make_actor(embedding: int, action_size: int, features: int, units: int) -> keras.Model:
    """Returns a model from (B, E) to mean actions (B, A) in [-1, 1].

    Args:
      embedding: E.
      action_size: A.
      features: of the trunk.
      units: of the two hidden layers.
    """
    inputs = keras.layers.Input((embedding,))
    hidden = _hidden(_trunk(inputs, features), units)
    mean = keras.layers.Dense(action_size, "tanh", kernel_initializer=_orthogonal())(hidden)
    return keras.Model(inputs, mean, name="actor")


def make_critic(embedding: int, action_size: int, features: int, units: int) -> keras.Model:
    """Returns a model from (B, E) and actions (B, A) to two values, each (B, 1).

    Args:
      embedding: E.
      action_size: A.
      features: of the trunk, which both values share.
      units: of the two hidden layers of each.
    """
    inputs: Tuple = (keras.layers.Input((embedding,)), keras.layers.Input((action_size,)))
    both = keras.layers.Concatenate()([_trunk(inputs[0], features), inputs[1]])
    values = [
        keras.layers.Dense(1, kernel_initializer=_orthogonal())(_hidden(both, units))
        for _ in range(2)
    ]
    return keras.Model(inputs, values, name="critic")


def _trunk(inputs: tf.Tensor, features: int) -> tf.Tensor:
    dense = keras.layers.Dense(features, kernel_initializer=_orthogonal())(inputs)
    return keras.layers.Activation("tanh")(keras.layers.LayerNormalization(epsilon=1e-5)(dense))


def _hidden(values: tf.Tensor, units: int) -> tf.Tensor:
    for _ in range(2):
        values = keras.layers.Dense(units, "relu", kernel_initializer=_orthogonal())(values)
    return values


def _orthogonal(gain: float = 1.0) -> keras.initializers.Initializer:
    return keras.initializers.Orthogonal(gain)
