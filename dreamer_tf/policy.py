"""The robot's policy: filters what it sees, acts from the latent state."""

from __future__ import annotations

from typing import Tuple

import keras
import tensorflow as tf
from tf_agents.policies import tf_policy
from tf_agents.trajectories import policy_step
from tf_agents.trajectories import time_step as ts

from dreamer_tf.layers.actor import Actor
from dreamer_tf.math.random import make_seed, race_noise
from dreamer_tf.types import State
from dreamer_tf.world_model import WorldModel


class _Layers:
    """A plain object: TensorFlow does not look inside when it saves a policy.

    A SavedModel needs the variables that acting needs; Keras would add decoder, heads and
    functions of every layer, or refuse a model that was never called as one.
    """

    def __init__(self, world_model: WorldModel, actor: Actor):
        self.world_model = world_model
        self.actor = actor


class DreamerPolicy(tf_policy.TFPolicy):
    """A TF-Agents policy whose state is that of the RSSM.

    Policy state: ``deter`` (B, D), ``stoch`` (B, S, K) and ``prev_action`` (B, A), the
    action that it gave last. A FIRST time step starts anew, whatever the state holds.

    Args:
      time_step_spec: of the environment.
      action_spec: one continuous action in [-1, 1] or one discrete from 0.
      world_model: filters.
      actor: acts.
      greedy: True takes modes of states and actions (deterministic), False samples.
      seed: of sampling.
      name: of the policy.
    """

    def __init__(
        self,
        time_step_spec: ts.TimeStep,
        action_spec: tf.TypeSpec,
        world_model: WorldModel,
        actor: Actor,
        greedy: bool,
        seed: int,
        name: str,
    ):
        self._layers = _Layers(world_model, actor)
        self._greedy = greedy
        self._seed = seed
        rssm = world_model.rssm
        dtype = rssm.compute_dtype
        state_spec = {
            "deter": tf.TensorSpec((rssm.deter,), dtype),
            "stoch": tf.TensorSpec((rssm.stoch, rssm.classes), dtype),
            "prev_action": tf.TensorSpec((actor.action_size,), tf.float32),
        }
        super().__init__(
            time_step_spec,
            action_spec,
            policy_state_spec=state_spec,
            clip=False,
            emit_log_probability=False,
            name=name,
        )
        # Counts draws, so that (seed, count) is all of the policy's random state.
        self.draw_count = tf.Variable(0, trainable=False, dtype=tf.int64, name="draw_count")

        used: Tuple[keras.layers.Layer, ...] = (
            world_model.picture_mean, world_model.encoder, world_model.rssm, actor
        )
        self._acting = [v for layer in used for v in layer.variables]

    def _variables(self):
        return list(self._acting)

    def _filter(self, time_step, policy_state):
        """Returns the posterior state after a time step."""
        rssm = self._layers.world_model.rssm
        is_first = time_step.is_first()
        noise = None
        if not self._greedy:
            shape = [tf.shape(is_first)[0], rssm.stoch, rssm.classes]
            noise = race_noise(shape, make_seed(self._seed, self.draw_count, 0))
        return rssm.observe_step(
            State(policy_state["deter"], policy_state["stoch"]),
            self._layers.world_model.embed(time_step.observation),
            policy_state["prev_action"],
            is_first,
            noise,
        )

    def _action(self, time_step, policy_state, seed):
        del seed  # Randomness is a function of the policy's own seed and count.
        state = self._filter(time_step, policy_state)
        distribution = self._layers.actor(state.features())
        if self._greedy:
            action = distribution.mode()
        else:
            shape = tf.shape(distribution.mode())
            noise = self._layers.actor.noise(shape, make_seed(self._seed, self.draw_count, 1))
            action = distribution.executed(distribution.sample(noise))
            with tf.control_dependencies([action, state.deter]):
                self.draw_count.assign_add(1)
        next_state = {"deter": state.deter, "stoch": state.stoch, "prev_action": action}
        return policy_step.PolicyStep(self._to_robot(action), next_state, ())

    def _to_robot(self, action):
        if self._layers.actor.discrete:
            return tf.cast(tf.argmax(action, -1), self.action_spec.dtype)
        return tf.cast(action, self.action_spec.dtype)

    def _distribution(self, time_step, policy_state):
        raise NotImplementedError(
            "DreamerPolicy acts by action(); the actor's distribution(features) is for study. "
            "TFP distributions here would end up in every exported SavedModel."
        )
