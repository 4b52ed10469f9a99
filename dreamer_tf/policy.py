"""The robot's policy: filters what it sees, acts from the latent state."""

from __future__ import annotations

from typing import Dict, Mapping, NamedTuple, Optional, Tuple

import keras
import tensorflow as tf
from tf_agents.policies import tf_policy
from tf_agents.trajectories import policy_step
from tf_agents.trajectories import time_step as ts

from dreamer_tf.layers.actor import Actor
from dreamer_tf.math.random import make_seed, race, race_noise
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


class PolicyNoise(NamedTuple):
    """All the chance in a step of a sampling policy.

    Attributes:
      latent: (B, S, K) from `race_noise`, for the draw of z.
      action: (B, A) of the kind that the actor's distribution wants.
    """

    latent: tf.Tensor
    action: tf.Tensor


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
      noise_correlation: of the noise of one step of a sampling policy with that of the step
        before, in [0, 1); each action by itself is distributed as without. What a robot's
        low-pass filter would average away moves it (Eberhard et al., ICLR 2023).

    With correlation the policy state holds ``noise`` (B, A) too.
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
        noise_correlation: float = 0.0,
    ):
        self._layers = _Layers(world_model, actor)
        self._greedy = greedy
        self._seed = seed
        self._noise_correlation = 0.0 if greedy or actor.discrete else noise_correlation
        rssm = world_model.rssm
        dtype = rssm.compute_dtype
        state_spec = {
            "deter": tf.TensorSpec((rssm.deter,), dtype),
            "stoch": tf.TensorSpec((rssm.stoch, rssm.classes), dtype),
            "prev_action": tf.TensorSpec((actor.action_size,), tf.float32),
        }
        if self._noise_correlation:
            state_spec["noise"] = tf.TensorSpec((actor.action_size,), tf.float32)
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
            world_model.centring, world_model.encoder, world_model.rssm, actor
        )
        self._acting = [v for layer in used for v in layer.variables]

    @property
    def greedy(self) -> bool:
        """Whether it takes modes."""
        return self._greedy

    @property
    def observation_keys(self) -> Tuple[str, ...]:
        """The observations that it looks at, sorted."""
        return tuple(sorted(self._layers.world_model.encoder.shapes))

    def advance(
        self,
        observation: Mapping[str, tf.Tensor],
        is_first: tf.Tensor,
        policy_state: Mapping[str, tf.Tensor],
        noise: Optional[PolicyNoise] = None,
    ) -> Tuple[tf.Tensor, Dict[str, tf.Tensor]]:
        """Makes one step, a function of its arguments alone.

        Args:
          observation: `observation_keys`, each (B, ...).
          is_first: (B,) bool; True starts anew, whatever the state holds.
          policy_state: of the step before.
          noise: None takes modes.

        Returns:
          The robot's action, (B, A) or (B,), and the next policy state.
        """
        rssm = self._layers.world_model.rssm
        state = rssm.observe_step(
            State(policy_state["deter"], policy_state["stoch"]),
            self._layers.world_model.embed(dict(observation)),
            policy_state["prev_action"],
            is_first,
            None if noise is None else noise.latent,
        )
        distribution = self._layers.actor(state.features())
        next_state = {"deter": state.deter, "stoch": state.stoch}
        if noise is None:
            action = distribution.mode()
        else:
            mixed = self._correlate(noise.action, is_first, policy_state)
            if self._noise_correlation:
                next_state["noise"] = mixed
            action = distribution.executed(distribution.sample(mixed))
        next_state["prev_action"] = action
        return self._to_robot(action), next_state

    def fresh_noise(self, batch_size) -> PolicyNoise:
        """Returns noise from TensorFlow's own generator, another one at every call.

        What an exported policy draws from: it needs no counter, so robots that share one server
        do not wait for each other, and a robot does not repeat itself after each start.
        """
        actor = self._layers.actor
        latent = race(tf.random.uniform(self._latent_shape(batch_size)))
        shape = [batch_size, actor.action_size]
        discrete = lambda: race(tf.random.uniform(shape))
        return PolicyNoise(latent, discrete() if actor.discrete else tf.random.normal(shape))

    def _variables(self):
        return list(self._acting)

    def _action(self, time_step, policy_state, seed):
        del seed  # Randomness is a function of the policy's own seed and count.
        is_first = time_step.is_first()
        noise = None if self._greedy else self._counted_noise(tf.shape(is_first)[0])
        action, state = self.advance(time_step.observation, is_first, policy_state, noise)
        if not self._greedy:
            with tf.control_dependencies([action, state["deter"]]):
                self.draw_count.assign_add(1)
        return policy_step.PolicyStep(action, state, ())

    def _counted_noise(self, batch_size):
        actor = self._layers.actor
        seeds = [make_seed(self._seed, self.draw_count, which) for which in (0, 1)]
        return PolicyNoise(
            race_noise(self._latent_shape(batch_size), seeds[0]),
            actor.noise([batch_size, actor.action_size], seeds[1]),
        )

    def _latent_shape(self, batch_size):
        rssm = self._layers.world_model.rssm
        return [batch_size, rssm.stoch, rssm.classes]

    def _correlate(self, fresh, is_first, policy_state):
        """Returns the actor's noise (B, A) of this step."""
        if not self._noise_correlation:
            return fresh
        kept = self._noise_correlation
        mixed = kept * policy_state["noise"] + (1.0 - kept**2) ** 0.5 * fresh
        return tf.where(is_first[:, None], fresh, mixed)

    def _to_robot(self, action):
        if self._layers.actor.discrete:
            return tf.cast(tf.argmax(action, -1), self.action_spec.dtype)
        return tf.cast(action, self.action_spec.dtype)

    def _distribution(self, time_step, policy_state):
        raise NotImplementedError(
            "DreamerPolicy acts by action(); the actor's distribution(features) is for study. "
            "TFP distributions here would end up in every exported SavedModel."
        )
