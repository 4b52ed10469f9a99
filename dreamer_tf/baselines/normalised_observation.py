"""Observations as networks like them."""

from __future__ import annotations

from typing import Dict, Mapping, Optional

import tensorflow as tf
from tf_agents.specs import tensor_spec
from tf_agents.utils import tensor_normalizer

from dreamer_tf.errors import UserError
from dreamer_tf.layers.encoder import Encoder, vector_keys
from dreamer_tf.layers.picture_mean import PictureMean

_BOUND = 5.0
Observation = Dict[str, tf.Tensor]


class NormalisedObservation(tf.Module):
    """Centres pictures on their running mean and brings numbers to mean 0 and deviation 1.

    Args:
      observation_spec: key to spec; pictures of 64 x 64 and vectors, as `Encoder` takes them.
      agent: name, for the message.
      robot: name, for the message.

    Attributes:
      shapes: key to shape.
      spec: key to spec of what comes out, float32.

    Raises:
      UserError: an observation is neither.
    """

    def __init__(self, observation_spec: Mapping[str, tf.TypeSpec], agent: str, robot: str):
        super().__init__(name="normalised_observation")
        self.shapes = {key: tuple(spec.shape) for key, spec in observation_spec.items()}
        try:
            Encoder(self.shapes)
        except ValueError as error:
            raise UserError(f"the agent {agent} cannot see '{robot}': {error}") from error
        self.spec = {
            key: tensor_spec.BoundedTensorSpec(shape, tf.float32, -_BOUND, _BOUND, name=key)
            for key, shape in self.shapes.items()
        }
        self._vector_keys = vector_keys(self.shapes)
        self.picture_mean = PictureMean(self.shapes)
        self.picture_mean.build()
        vectors = {key: self.spec[key] for key in self._vector_keys}
        self.vector_moments: Optional[tensor_normalizer.TensorNormalizer] = None
        if vectors:  # it cannot be made of nothing
            self.vector_moments = tensor_normalizer.StreamingTensorNormalizer(vectors)

    def update(self, observation: Observation) -> None:
        """Takes in observations (N, *shape)."""
        observation = self._floats(observation)
        self.picture_mean.update(observation)
        if self.vector_moments is not None:
            self.vector_moments.update(self._vectors(observation), outer_dims=[0])

    def __call__(self, observation: Observation) -> Observation:
        """Returns float32 observations (N, *shape); it leaves out keys that no spec has."""
        observation = self._floats(observation)
        result = self.picture_mean(observation)
        if self.vector_moments is not None:
            vectors = self._vectors(observation)
            result.update(self.vector_moments.normalize(vectors, clip_value=_BOUND))
        return result

    def _floats(self, observation: Observation) -> Observation:
        floats = {key: tf.cast(observation[key], tf.float32) for key in self.shapes}
        for key, value in floats.items():
            if observation[key].dtype == tf.uint8:
                floats[key] = value * (1.0 / 255.0)
        return floats

    def _vectors(self, observation: Observation) -> Observation:
        return {key: observation[key] for key in self._vector_keys}
