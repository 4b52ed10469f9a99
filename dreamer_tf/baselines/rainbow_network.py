"""The network of Rainbow."""

from __future__ import annotations

from typing import Dict, Optional

import tensorflow as tf
from tf_agents.networks import network

from dreamer_tf.baselines.dueling import combine
from dreamer_tf.baselines.noisy_dense import NoisyDense
from dreamer_tf.layers.encoder import Encoder


class RainbowNetwork(network.Network):
    """Observations to the return distributions of all actions: encoder, noisy layers, dueling.

    Args:
      input_spec: key to spec of a normalised observation.
      num_actions: A.
      atoms: of a distribution.
      units: of the hidden layers of value and advantage, and of the encoder's for vectors.
      cnn_depth: channels of the encoder's first convolution.
      noise_scale: sigma_0 of the noisy layers.
      name: of the network.
    """

    def __init__(
        self,
        input_spec: Dict[str, tf.TensorSpec],
        num_actions: int,
        atoms: int,
        units: int,
        cnn_depth: int,
        noise_scale: float,
        name: str,
    ):
        super().__init__(input_tensor_spec=input_spec, state_spec=(), name=name)
        self.num_atoms, self._num_actions = atoms, num_actions
        shapes = {key: tuple(spec.shape) for key, spec in input_spec.items()}
        self._encoder = Encoder(shapes, cnn_depth=cnn_depth, mlp_layers=2, mlp_units=units)
        sizes = (
            ("value_hidden", units),
            ("value", atoms),
            ("advantage_hidden", units),
            ("advantage", num_actions * atoms),
        )
        self._noisy = {size[0]: NoisyDense(size[1], noise_scale, name=size[0]) for size in sizes}

    def call(
        self,
        observation: Dict[str, tf.Tensor],
        step_type: Optional[tf.Tensor] = None,
        network_state=(),
        training: bool = False,
        seed: Optional[tf.Tensor] = None,
    ):
        """Maps observations (B, *shape) to logits (B, A, atoms).

        Args:
          observation: normalised.
          step_type: not looked at.
          network_state: handed on.
          training: not looked at.
          seed: (2,) int32 of the layers' noise; None for no noise.
        """
        del step_type, training
        seeds: list = [None] * len(self._noisy)
        if seed is not None:
            seeds = tf.unstack(tf.random.experimental.stateless_split(seed, len(self._noisy)))
        embedding = self._encoder(observation)
        outputs = []
        for name, own, last in zip(("value", "advantage"), seeds[::2], seeds[1::2]):
            hidden = tf.nn.relu(self._noisy[f"{name}_hidden"](embedding, seed=own))
            outputs.append(self._noisy[name](hidden, seed=last))
        advantage = tf.reshape(outputs[1], [-1, self._num_actions, self.num_atoms])
        return combine(outputs[0], advantage), network_state
