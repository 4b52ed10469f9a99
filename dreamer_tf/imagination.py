"""Trajectories inside the world model."""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

from dreamer_tf.layers.actor import Actor
from dreamer_tf.layers.rssm import RSSM
from dreamer_tf.math.random import race_noise
from dreamer_tf.math.scan import scan
from dreamer_tf.types import State


class Trajectory(NamedTuple):
    """H imagined steps from N states, time first.

    Attributes:
      start: (N, F) features of s_0.
      following: (H, N, F) of s_1 ... s_H.
      sample: (H, N, A) what the actor drew at s_0 ... s_{H-1}, before clipping.
    """

    start: tf.Tensor
    following: tf.Tensor
    sample: tf.Tensor

    def acted_from(self) -> tf.Tensor:
        """Features (H, N, F) of s_0 ... s_{H-1}, without gradient."""
        features = tf.concat([self.start[None], self.following[:-1]], 0)
        return tf.stop_gradient(features)


def imagine(
    rssm: RSSM,
    actor: Actor,
    start: State,
    action_noise: tf.Tensor,
    action_shift: tf.Tensor,
    seed: tf.Tensor,
) -> Trajectory:
    """Lets the actor act in the model.

    The actor sees features without gradient (as in the original), so that the only
    way from an action to later states is through the model. ``action_shift``, zeros,
    is added to the actions: its gradient is that of the actions, and the actor itself
    need not be on the tape.

    Args:
      rssm: the model.
      actor: the policy.
      start: s_0, deter (N, D), stoch (N, S, K).
      action_noise: (H, N, A) from `Actor.noise`.
      action_shift: (H, N, A) zeros.
      seed: (2,) int32 for the draws of z.

    Returns:
      The trajectory.
    """
    rssm_weights = tf.nest.map_structure(tf.stop_gradient, rssm.prepare())
    actor_weights = tf.nest.map_structure(tf.stop_gradient, actor.prepare())
    horizon = action_noise.shape[0]
    count = tf.shape(start.deter)[0]

    def step(t, carry, at_t):
        state, noise, shift = State(*carry[:2]), *at_t
        policy = actor(tf.stop_gradient(state.features()), actor_weights)
        sample = tf.stop_gradient(policy.sample(noise))
        action = tf.stop_gradient(policy.executed(sample)) + shift
        step_seed = tf.random.experimental.stateless_fold_in(seed, t)
        z_noise = race_noise([count, rssm.stoch, rssm.classes], step_seed)
        following = rssm.imagine_step(state, action, z_noise, rssm_weights)
        return following.deter, following.stoch, sample

    initial = (start.deter, start.stoch, tf.zeros_like(action_noise[0]))
    deter, stoch, sample = scan(
        step, initial, (action_noise, action_shift), horizon, rssm.unroll
    )
    return Trajectory(start.features(), State(deter, stoch).features(), sample)
