"""The one legend of shapes, and the small data types that parts pass to each other.

=======  ====================================================================
symbol   meaning
=======  ====================================================================
B        batch: sequences sampled from replay
T        time: steps of a sequence
N        B * T, or any number of states handled side by side
A        action size (number of actions when they are discrete: one-hot)
D        size of the deterministic state ``deter``
S, K     the stochastic state ``stoch``: S categorical variables of K classes
F        features: D + S * K, ``deter`` and flattened ``stoch`` side by side
E        embedding of an observation
H        imagination horizon
=======  ====================================================================

Time is in the names: ``prev_action`` at time t is the action that led to the
observation at time t, ``reward`` at time t arrived together with it.
"""

from __future__ import annotations

from typing import Any, Dict, NamedTuple

import tensorflow as tf

Batch = Dict[str, tf.Tensor]
"""Sequences in the world model's convention: observation keys and the keys below."""

PREV_ACTION = "prev_action"
REWARD = "reward"
IS_FIRST = "is_first"
IS_LAST = "is_last"
IS_TERMINAL = "is_terminal"
STEP_KEYS = (PREV_ACTION, REWARD, IS_FIRST, IS_LAST, IS_TERMINAL)
"""What a step holds beside its observations."""


class State(NamedTuple):
    """Latent state of the recurrent state-space model.

    Attributes:
      deter: (..., D) the deterministic, recurrent part h.
      stoch: (..., S, K) the stochastic part z, one-hot over K.
    """

    deter: tf.Tensor
    stoch: tf.Tensor

    def features(self) -> tf.Tensor:
        """Returns what heads read, (..., F): ``deter`` and flattened ``stoch``."""
        size = self.stoch.shape[-2] * self.stoch.shape[-1]
        shape = tf.concat([tf.shape(self.deter)[:-1], [size]], 0)
        flat = tf.reshape(self.stoch, shape)
        return tf.concat([self.deter, tf.cast(flat, self.deter.dtype)], -1)


class Observed(NamedTuple):
    """What filtering a sequence gives: posterior states, and both distributions of z.

    Attributes:
      state: posterior states, deter (B, T, D) and stoch (B, T, S, K).
      posterior: (B, T, S, K) float32 class probabilities of q(z_t | h_t, e_t).
      prior: (B, T, S, K) float32 class probabilities of p(z_t | h_t).
    """

    state: State
    posterior: tf.Tensor
    prior: tf.Tensor


Metrics = Dict[str, Any]
"""Name to float32 scalar tensor."""
