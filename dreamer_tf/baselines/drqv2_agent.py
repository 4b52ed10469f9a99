"""DrQ-v2: n-step DDPG on shifted pictures."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Tuple

import keras
import tensorflow as tf
from tf_agents.agents import tf_agent
from tf_agents.environments import py_environment

from dreamer_tf.baselines.drqv2_policy import DrqV2Policy
from dreamer_tf.baselines.frame_stack import stack_frames
from dreamer_tf.baselines.n_step import NStep, n_step_return
from dreamer_tf.baselines.random_shift import random_shift
from dreamer_tf.errors import UserError
from dreamer_tf.math.random import make_seed
from dreamer_tf.optimizers import minimise
from dreamer_tf.policy_runner import PolicyRunner
from dreamer_tf.types import IS_FIRST, IS_LAST, IS_TERMINAL, PREV_ACTION, REWARD, Batch

Start = Tuple[tf.Tensor, tf.Tensor, tf.Tensor, NStep]


class DrqV2Agent:
    """Learns actor and critics on one encoder (Yarats et al., arXiv 2107.09645, algorithm 1).

    Only the critics train the encoder. Random numbers of training are a function of the seed and
    the number of updates.

    Args:
      models: ``"encoder"``, ``"actor"``, ``"critic"`` and ``"target_critic"``, built.
      optimizers: ``"encoder"``, ``"actor"`` and ``"critic"``, built for their variables.
      policies: the collecting one, then the one without noise.
      step_signature: spec of one step of replay.
      picture: key of the picture.
      frame_stack: pictures that the encoder sees.
      n_step: n.
      discount: gamma.
      target_update_rate: tau, of the target critics an update.
      noise_clip: of the noise in the actions of an update.
      shift_pixels: of the augmentation.
      seed: of training.
    """

    num_discrete_actions = None

    def __init__(
        self,
        models: Mapping[str, keras.Model],
        optimizers: Mapping[str, keras.optimizers.Optimizer],
        policies: Tuple[DrqV2Policy, DrqV2Policy],
        step_signature: Mapping[str, tf.TensorSpec],
        *,
        picture: str,
        frame_stack: int,
        n_step: int,
        discount: float,
        target_update_rate: float,
        noise_clip: float,
        shift_pixels: int,
        seed: int,
    ):
        self.models, self.optimizers, self.policies = dict(models), dict(optimizers), policies
        self.replay_signature = dict(step_signature)
        self._picture, self._frame_stack, self._n_step = picture, frame_stack, n_step
        self._discount, self._target_update_rate = discount, target_update_rate
        self._noise_clip, self._shift_pixels, self._seed = noise_clip, shift_pixels, seed
        self.train_step_counter = tf.Variable(0, trainable=False, dtype=tf.int64, name="train_step")
        self.variables: List[tf.Variable] = [v for m in models.values() for v in m.variables]

    def runner(self, env: py_environment.PyEnvironment, *, greedy: bool) -> PolicyRunner:
        """See `TrainedAgent.runner`."""
        del env
        return PolicyRunner(self.policies[greedy])

    def train(self, experience: Batch) -> tf_agent.LossInfo:
        """Makes one update from the first n-step transition of each (T, ...) sequence.

        Raises:
          UserError: T is less than frame_stack + n.
        """
        seeds = tf.random.experimental.stateless_split(
            make_seed(self._seed, self.train_step_counter), 4
        )
        now, action, later, gained = self._start(experience)
        now = random_shift(now, self._shift_pixels, seeds[0])
        later = random_shift(later, self._shift_pixels, seeds[1])
        # The state behind the last of an episode is another episode's: nothing follows from it.
        weights = tf.cast(gained.steps > 0, tf.float32)[:, None]
        target = self._target(later, gained, seeds[2])
        critic_loss, embedding, values = self._train_critic(now, action, target, weights)
        actor_loss = self._train_actor(embedding, weights, seeds[3])
        self._move_target()
        self.train_step_counter.assign_add(1)
        return tf_agent.LossInfo(
            critic_loss,
            {
                "drqv2/critic_loss": critic_loss,
                "drqv2/actor_loss": actor_loss,
                "drqv2/value": tf.reduce_mean(values),
                "drqv2/target": tf.reduce_mean(target),
                "drqv2/noise": self.policies[0].noise_scale(),
            },
        )

    def _start(self, batch: Batch) -> Start:
        """Returns stacks now and later, the action between, and what n steps gave."""
        first, end = self._frame_stack - 1, self._frame_stack + self._n_step
        if batch[REWARD].shape[1] < end:
            raise UserError(
                f"the agent drqv2 needs Trainer.sequence_length of {end} or more: frame_stack="
                f"{self._frame_stack} + n_step={self._n_step}"
            )
        part = lambda key: batch[key][:, first:end]
        gained = n_step_return(
            part(REWARD), part(IS_FIRST), part(IS_LAST), part(IS_TERMINAL), self._discount
        )
        index = tf.fill(tf.shape(gained.steps), first)
        now, later = (
            stack_frames(batch[self._picture], batch[IS_FIRST], i, self._frame_stack)
            for i in (index, index + gained.steps)
        )
        return now, batch[PREV_ACTION][:, first + 1], later, gained

    def _target(self, later: tf.Tensor, gained: NStep, seed: tf.Tensor) -> tf.Tensor:
        """Returns what the critics learn, (B, 1) (eq. 2)."""
        embedding = self.models["encoder"](later)
        action = self._noisy(self.models["actor"](embedding), seed)
        value = tf.minimum(*self.models["target_critic"]((embedding, action)))
        return tf.stop_gradient(gained.returns[:, None] + gained.discount[:, None] * value)

    def _train_critic(self, now, action, target, weights):
        encoder, critic = self.models["encoder"], self.models["critic"]
        with tf.GradientTape() as tape:
            embedding = encoder(now, training=True)
            values = critic((embedding, action), training=True)
            errors = [weights * tf.math.squared_difference(value, target) for value in values]
            loss = tf.reduce_mean(errors[0] + errors[1])
        gradients = tape.gradient(
            loss, (encoder.trainable_variables, critic.trainable_variables)
        )
        for name, gradient in zip(("encoder", "critic"), gradients):
            self.optimizers[name].apply_gradients(
                zip(gradient, self.models[name].trainable_variables)
            )
        return loss, tf.stop_gradient(embedding), values[0]

    def _train_actor(self, embedding, weights, seed) -> tf.Tensor:
        actor = self.models["actor"]
        with tf.GradientTape() as tape:
            action = self._noisy(actor(embedding, training=True), seed)
            value = tf.minimum(*self.models["critic"]((embedding, action)))
            loss = -tf.reduce_mean(weights * value)
        minimise(self.optimizers["actor"], tape, loss, actor.trainable_variables)
        return loss

    def _noisy(self, mean: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """Returns mean actions with clipped noise, in [-1, 1]; gradients pass the outer clip."""
        noise = self.policies[0].noise_scale() * tf.random.stateless_normal(tf.shape(mean), seed)
        action = mean + tf.clip_by_value(noise, -self._noise_clip, self._noise_clip)
        return action + tf.stop_gradient(tf.clip_by_value(action, -1.0, 1.0) - action)

    def _move_target(self) -> None:
        rate = self._target_update_rate
        pairs = zip(self.models["target_critic"].variables, self.models["critic"].variables)
        for old, new in pairs:
            old.assign((1.0 - rate) * old + rate * new)

    def checkpoint_items(self) -> Dict[str, Any]:
        """See `TrainedAgent.checkpoint_items`."""
        return {
            **self.models,
            **{f"{name}_optimizer": value for name, value in self.optimizers.items()},
            "train_step": self.train_step_counter,
            "draw_count": self.policies[0].draw_count,
        }
