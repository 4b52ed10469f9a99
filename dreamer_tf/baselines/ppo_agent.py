"""PPO of TF-Agents on our replay."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Sequence, Tuple

import keras
import tensorflow as tf
from tf_agents.agents import tf_agent
from tf_agents.agents.ppo import ppo_clip_agent, ppo_utils
from tf_agents.environments import py_environment
from tf_agents.networks import network
from tf_agents.trajectories import time_step as ts
from tf_agents.trajectories import trajectory

from dreamer_tf.baselines.gae import advantages
from dreamer_tf.baselines.normalised_observation import NormalisedObservation
from dreamer_tf.baselines.ppo_policy import PpoPolicy
from dreamer_tf.errors import UserError
from dreamer_tf.math.random import make_seed
from dreamer_tf.policy_runner import PolicyRunner
from dreamer_tf.types import IS_FIRST, IS_LAST, IS_TERMINAL, PREV_ACTION, REWARD, Batch


class PpoAgent:
    """Gives whole rollouts, in shuffled parts and several times, to TF-Agents' `PPOClipAgent`.

    A batch must hold what the policy did since the last update and nothing else
    (`ReplayKind.ON_POLICY`): the probabilities of its actions then are those that the actor gives
    before the update. An update is all steps of the optimizer that a rollout is worth.

    Args:
      time_step_spec: of the environment.
      inner: on normalised observations; advantages are computed outside of it.
      networks: ``"actor"`` and ``"critic"``, those of `inner`.
      optimizer: that of `inner`, built.
      observations: normalises them.
      step_signature: spec of one step of replay.
      epochs: how often each transition is used.
      minibatch_size: transitions of a step of the optimizer.
      discount: gamma.
      lambda_: of the advantages.
      reward_scale: what a reward is multiplied by.
      seed: of sampling and shuffling.
    """

    def __init__(
        self,
        time_step_spec: ts.TimeStep,
        inner: ppo_clip_agent.PPOClipAgent,
        networks: Mapping[str, network.Network],
        optimizer: keras.optimizers.Optimizer,
        observations: NormalisedObservation,
        step_signature: Mapping[str, tf.TensorSpec],
        *,
        epochs: int,
        minibatch_size: int,
        discount: float,
        lambda_: float,
        reward_scale: float,
        seed: int,
    ):
        self.replay_signature = dict(step_signature)
        self.inner, self.networks, self.optimizer = inner, dict(networks), optimizer
        self.observations = observations
        self.num_discrete_actions = int(inner.action_spec.maximum) + 1
        self._epochs, self._minibatch_size = epochs, minibatch_size
        self._discount, self._lambda, self._reward_scale = discount, lambda_, reward_scale
        self._seed = seed
        # TF-Agents' own counts the steps of the optimizer.
        self.train_step_counter = tf.Variable(0, trainable=False, dtype=tf.int64, name="train_step")
        self.policies = {
            greedy: PpoPolicy(time_step_spec, inner, observations, greedy, seed)
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

    def train(self, experience: Batch) -> tf_agent.LossInfo:
        """Makes one update from all transitions of (B, T, ...) sequences.

        Raises:
          UserError: they are fewer than a minibatch.
        """
        count = experience[REWARD].shape[0] * (experience[REWARD].shape[1] - 1)
        if count < self._minibatch_size:
            raise UserError(
                f"the agent ppo has rollouts of {count} transitions, fewer than make_ppo."
                f"minibatch_size={self._minibatch_size}: raise Trainer.sequence_length"
            )
        rollout, made = self._rollout(experience)
        losses = self._steps(rollout, made, count)
        # Only now, so that the actor saw what it sees here when it chose the actions.
        self.observations.update({k: _flat(experience[k]) for k in self.observations.shapes})
        self.train_step_counter.assign_add(1)
        names = ("policy_loss", "value_loss", "entropy", "clipped")
        metrics = {f"ppo/{name}": losses[i + 1] for i, name in enumerate(names)}
        return tf_agent.LossInfo(losses[0], metrics)

    def _rollout(self, batch: Batch) -> Tuple[trajectory.Trajectory, tf.Tensor]:
        """Returns N = B (T - 1) entries (N, 1, ...) with their advantages, and what counts (N, 1).

        The axis of size 1 is the time that TF-Agents asks for.
        """
        shape = tf.shape(batch[REWARD])
        seen = self.observations({key: _flat(batch[key]) for key in self.observations.shapes})
        value, _ = self.networks["critic"](seen, step_type=_middle(batch[REWARD]))
        result = advantages(
            self._reward_scale * batch[REWARD],
            tf.reshape(value, shape),
            batch[IS_FIRST],
            batch[IS_LAST],
            batch[IS_TERMINAL],
            self._discount,
            self._lambda,
        )
        value = tf.reshape(value, shape)[:, :-1]
        now = {
            key: _entries(tf.reshape(x, tf.concat([shape, x.shape[1:]], 0))[:, :-1], x.shape[1:])
            for key, x in seen.items()
        }
        step_type = _middle(result.made)[:, None]
        chosen, _ = self.networks["actor"](now, step_type=step_type, network_state=())
        info = {
            "dist_params": ppo_utils.get_distribution_params(chosen, True),
            "value_prediction": _entries(value),
            "return": _entries(result.returns),
            "advantage": _entries(result.advantage),
        }
        action = tf.argmax(batch[PREV_ACTION][:, 1:], -1, output_type=self.inner.action_spec.dtype)
        entries = trajectory.Trajectory(
            step_type=step_type,
            observation=now,
            action=_entries(action),
            policy_info=info,
            next_step_type=step_type,
            reward=_entries(self._reward_scale * batch[REWARD][:, 1:]),
            discount=tf.ones_like(info["return"]),
        )
        return entries, _entries(result.made)

    def _steps(self, rollout: trajectory.Trajectory, made: tf.Tensor, count: int) -> tf.Tensor:
        """Makes all steps of the optimizer; returns means over them, (5,)."""
        size = self._minibatch_size
        steps = count // size  # of an epoch; what is left over is others' turn in the next
        seed = make_seed(self._seed, self.train_step_counter)
        fold = tf.random.experimental.stateless_fold_in

        def step(number, order, total):
            at = number % steps
            order = tf.cond(
                at == 0,
                lambda: tf.argsort(tf.random.stateless_uniform((count,), fold(seed, number))),
                lambda: order,
            )
            rows = order[at * size : (at + 1) * size]
            part, weights = tf.nest.map_structure(lambda x: tf.gather(x, rows), (rollout, made))
            info = self.inner.train(part, weights)
            losses = tf.stack([info.loss, *_terms(info.extra, self.inner._entropy_regularization)])
            return number + 1, order, total + losses

        _, _, total = tf.while_loop(
            lambda number, *_: number < steps * self._epochs,
            step,
            (tf.constant(0), tf.range(count), tf.zeros((5,))),
            parallel_iterations=1,
        )
        return total / (steps * self._epochs)

    def checkpoint_items(self) -> Dict[str, Any]:
        """See `TrainedAgent.checkpoint_items`."""
        return {
            **self.networks,
            "optimizer": self.optimizer,
            "observations": self.observations,
            "train_step": self.train_step_counter,
            "draw_count": self.policies[False].draw_count,
        }


def _terms(extra: ppo_clip_agent.ppo_agent.PPOLossInfo, entropy_scale: float) -> List[tf.Tensor]:
    entropy = -tf.math.divide_no_nan(extra.entropy_regularization_loss, entropy_scale)
    return [extra.policy_gradient_loss, extra.value_estimation_loss, entropy, extra.clip_fraction]


def _flat(values: tf.Tensor) -> tf.Tensor:
    """Returns (B * T, ...) of (B, T, ...)."""
    return tf.reshape(values, tf.concat([[-1], tf.shape(values)[2:]], 0))


def _entries(values: tf.Tensor, shape: Sequence[int] = ()) -> tf.Tensor:
    """Returns (N, 1, *shape) of (B, T - 1, *shape)."""
    return tf.reshape(values, (-1, 1, *shape))


def _middle(like: tf.Tensor) -> tf.Tensor:
    """Returns MID for each of (B, T), (B * T,) int32."""
    return tf.fill([tf.size(like)], ts.StepType.MID)
