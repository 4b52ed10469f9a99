"""Rainbow on our replay."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Tuple

import keras
import tensorflow as tf
from tf_agents.agents import tf_agent
from tf_agents.environments import py_environment
from tf_agents.trajectories import policy_step, trajectory
from tf_agents.trajectories import time_step as ts

from dreamer_tf.baselines.double_c51_agent import DoubleC51Agent
from dreamer_tf.baselines.importance_weights import importance_weights
from dreamer_tf.baselines.n_step import n_step_return
from dreamer_tf.baselines.noise_schedule import linear_schedule
from dreamer_tf.baselines.normalised_observation import NormalisedObservation
from dreamer_tf.baselines.rainbow_network import RainbowNetwork
from dreamer_tf.baselines.rainbow_policy import RainbowPolicy
from dreamer_tf.errors import UserError
from dreamer_tf.policy_runner import PolicyRunner
from dreamer_tf.replay.priorities import ITEM_PROBABILITY, PRIORITIES, TABLE_SIZE
from dreamer_tf.types import IS_FIRST, IS_LAST, IS_TERMINAL, PREV_ACTION, REWARD, Batch

SMALLEST_PRIORITY = 1e-3


class RainbowAgent:
    """Turns drawn sequences into n-step transitions, and their losses into priorities.

    Args:
      time_step_spec: of the environment.
      inner: learns from transitions of normalised observations.
      networks: ``"online"`` and ``"target"``, those of `inner`.
      optimizer: that of `inner`, built.
      observations: normalises them.
      step_signature: spec of one step of replay.
      n_step: n.
      discount: gamma.
      reward_scale: what a reward is multiplied by.
      weight_schedule: first and last exponent of the importance weights, and updates between.
      seed: of the collecting policy's noise.
    """

    def __init__(
        self,
        time_step_spec: ts.TimeStep,
        inner: DoubleC51Agent,
        networks: Mapping[str, RainbowNetwork],
        optimizer: keras.optimizers.Optimizer,
        observations: NormalisedObservation,
        step_signature: Mapping[str, tf.TensorSpec],
        *,
        n_step: int,
        discount: float,
        reward_scale: float,
        weight_schedule: Tuple[float, float, int],
        seed: int,
    ):
        self.replay_signature = dict(step_signature)
        self.inner, self.networks, self.optimizer = inner, dict(networks), optimizer
        self.observations = observations
        self.num_discrete_actions = int(inner.action_spec.maximum) + 1
        self.train_step_counter = inner.train_step_counter
        self._n_step, self._discount, self._reward_scale = n_step, discount, reward_scale
        self._weight_schedule = weight_schedule
        self._highest = tf.Variable(0.0, trainable=False, name="highest_priority")
        self.policies = {
            greedy: RainbowPolicy(
                time_step_spec, inner, networks["online"], observations, greedy, seed
            )
            for greedy in (False, True)
        }
        self.variables: List[tf.Variable] = [
            *(v for net in networks.values() for v in net.variables),
            *observations.variables,
        ]

    def runner(self, env: py_environment.PyEnvironment, *, greedy: bool) -> PolicyRunner:
        """See `TrainedAgent.runner`."""
        del env
        return PolicyRunner(self.policies[greedy])

    def new_priority(self) -> float:
        """Returns that of a new item: the highest that any was given, 1 before the first update."""
        return float(self._highest.numpy()) or 1.0

    def train(self, experience: Batch) -> tf_agent.LossInfo:
        """Makes one update from the first n-step transition of each (T, ...) sequence.

        Raises:
          UserError: T is less than n + 1.
        """
        transition, made = self._transitions(experience)
        exponent = linear_schedule(
            self.train_step_counter, self._weight_schedule[:2], self._weight_schedule[2]
        )
        weights = made * importance_weights(
            experience[ITEM_PROBABILITY], experience[TABLE_SIZE], exponent
        )
        info = self.inner.train(transition, weights)
        # What begins with the last step of an episode teaches nothing: it is not drawn again.
        priorities = made * (info.extra.td_loss + SMALLEST_PRIORITY)
        self._highest.assign(tf.maximum(self._highest, tf.reduce_max(priorities)))
        return tf_agent.LossInfo(
            info.loss,
            {
                "rainbow/divergence": tf.reduce_mean(info.extra.td_loss),
                "rainbow/return": tf.reduce_mean(transition.next_time_step.reward),
                "rainbow/weight": tf.reduce_mean(weights),
                "rainbow/highest_priority": tf.identity(self._highest),
                PRIORITIES: priorities,
            },
        )

    def _transitions(self, batch: Batch) -> Tuple[trajectory.Transition, tf.Tensor]:
        """Returns B transitions and 0 for each that begins with the last step of an episode."""
        end = self._n_step + 1
        if batch[REWARD].shape[1] < end:
            raise UserError(
                f"the agent rainbow needs Trainer.sequence_length of n_step + 1 = {end} or more"
            )
        part = lambda key: batch[key][:, :end]
        gained = n_step_return(
            part(REWARD), part(IS_FIRST), part(IS_LAST), part(IS_TERMINAL), self._discount
        )
        seen = {key: part(key) for key in self.observations.shapes}
        now = {key: value[:, 0] for key, value in seen.items()}
        self.observations.update(now)
        later = {k: tf.gather(v, gained.steps, axis=1, batch_dims=1) for k, v in seen.items()}
        action = tf.argmax(batch[PREV_ACTION][:, 1], -1, output_type=tf.int32)
        zeros, step_type = tf.zeros_like(gained.returns), tf.ones_like(gained.steps)
        transition = trajectory.Transition(
            ts.TimeStep(step_type, zeros, zeros + 1.0, self.observations(now)),
            policy_step.PolicyStep(action),
            ts.TimeStep(
                step_type,
                self._reward_scale * gained.returns,
                gained.discount,
                self.observations(later),
            ),
        )
        return transition, tf.cast(gained.steps > 0, tf.float32)

    def checkpoint_items(self) -> Dict[str, Any]:
        """See `TrainedAgent.checkpoint_items`."""
        return {
            **self.networks,
            "optimizer": self.optimizer,
            "observations": self.observations,
            "train_step": self.train_step_counter,
            "since_target": self.inner._update_target,
            "highest_priority": self._highest,
            "draw_count": self.policies[False].draw_count,
        }
