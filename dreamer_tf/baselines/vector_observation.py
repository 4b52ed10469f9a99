"""All vectors of an observation side by side."""

from __future__ import annotations

from typing import Dict, List

import tensorflow as tf

from dreamer_tf.errors import UserError


class VectorObservation:
    """Concatenates the observation's vectors in the order of their names.

    Args:
      observation_spec: key to spec; numbers and vectors only.

    Raises:
      UserError: an observation is a picture.
    """

    def __init__(self, observation_spec: Dict[str, tf.TypeSpec]):
        pictures = sorted(key for key, spec in observation_spec.items() if len(spec.shape) > 1)
        if pictures:
            raise UserError(
                f"the agent sac reads vectors only, and this robot gives {pictures}: "
                "take --agent=drqv2 or dreamer"
            )
        self.keys: List[str] = sorted(observation_spec)
        self.size = sum(spec.shape.num_elements() for spec in observation_spec.values())

    def __call__(self, observation: Dict[str, tf.Tensor], outer_dims: int) -> tf.Tensor:
        """Returns float32 (..., size) for an observation with so many axes in front."""
        parts = []
        for key in self.keys:
            value = tf.cast(observation[key], tf.float32)
            size = value.shape[outer_dims:].num_elements()
            shape = tf.concat([tf.shape(value)[:outer_dims], [size]], 0)
            parts.append(tf.reshape(value, shape))
        return tf.ensure_shape(tf.concat(parts, -1), [None] * outer_dims + [self.size])
