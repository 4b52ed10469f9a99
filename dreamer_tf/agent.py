"""The agent: a TF-Agents agent around world model and behaviour."""

from __future__ import annotations

from typing import Dict, Mapping, Optional, Tuple

import keras
import tensorflow as tf
from tf_agents.agents import tf_agent
from tf_agents.environments import py_environment
from tf_agents.trajectories import time_step as ts

from dreamer_tf.behavior import Behavior
from dreamer_tf.math.product import products_in
from dreamer_tf.math.random import make_seed
from dreamer_tf.policy import DreamerPolicy
from dreamer_tf.policy_runner import PolicyRunner
from dreamer_tf.replicas import replica_number, split_over_replicas
from dreamer_tf.types import IS_TERMINAL, Batch
from dreamer_tf.world_model import WorldModel


class DreamerAgent(tf_agent.TFAgent):
    """Learns a world model from replay and a behaviour in it; one train step, compiled.

    Random numbers of training are a function of the seed, the number of updates and, where there
    are several replicas, the replica: an agent that is made in the scope of a strategy of
    `tf.distribute` splits its batches over the strategy's devices (`dreamer_tf/replicas.py`).

    Args:
      time_step_spec: of the environment.
      action_spec: of the environment.
      world_model: the model.
      behavior: actor and critic.
      optimizers: ``"model"``, ``"actor"`` and ``"critic"``, built for their variables.
      step_signature: spec of one step of replay, key to `tf.TensorSpec`.
      seed: of training and of the sampling policy.
      noise_correlation: of the sampling policy, see `DreamerPolicy`.
      product_dtype: in which updates make their products, see `products_in`; acting, exports and
        checkpoints do not know it.
    """

    def __init__(
        self,
        time_step_spec: ts.TimeStep,
        action_spec: tf.TypeSpec,
        world_model: WorldModel,
        behavior: Behavior,
        optimizers: Mapping[str, keras.optimizers.Optimizer],
        step_signature: Mapping[str, tf.TensorSpec],
        seed: int = 0,
        noise_correlation: float = 0.0,
        product_dtype: Optional[tf.DType] = None,
    ):
        self.world_model = world_model
        self.behavior = behavior
        self.optimizers = dict(optimizers)
        self.replay_signature = dict(step_signature)
        self.seed = seed
        self.product_dtype = product_dtype
        self.num_discrete_actions = (
            behavior.actor.action_size if behavior.actor.discrete else None
        )
        policies = [
            DreamerPolicy(
                time_step_spec,
                action_spec,
                world_model,
                behavior.actor,
                greedy,
                seed,
                name,
                noise_correlation,
            )
            for greedy, name in ((True, "greedy_policy"), (False, "collect_policy"))
        ]
        super().__init__(
            time_step_spec,
            action_spec,
            policies[0],
            policies[1],
            train_sequence_length=None,
            training_data_spec=dict(step_signature),
            train_step_counter=tf.Variable(0, trainable=False, dtype=tf.int64, name="train_step"),
        )
        self._compiled_step = tf.function(split_over_replicas(self._train_step), autograph=False)
        self._compiled_open_loop = tf.function(world_model.open_loop, autograph=False)

    def _train(self, experience: Batch, weights=None) -> tf_agent.LossInfo:
        if weights is not None:
            raise ValueError("DreamerAgent does not weigh its samples; leave weights out")
        loss, metrics = self._compiled_step(experience)
        return tf_agent.LossInfo(loss, metrics)

    def _train_step(self, batch: Batch) -> Tuple[tf.Tensor, Dict[str, tf.Tensor]]:
        with products_in(self.product_dtype):
            return self._update(batch)

    def _update(self, batch):
        seeds = tf.random.experimental.stateless_split(
            make_seed(self.seed, self.train_step_counter, *replica_number()), 2
        )
        observed, model_metrics = self.world_model.update(batch, seeds[0], self.optimizers["model"])
        flatten = lambda x: tf.reshape(x, tf.concat([[-1], tf.shape(x)[2:]], 0))
        start = tf.nest.map_structure(
            lambda x: tf.ensure_shape(flatten(x), [None, *x.shape[2:]]), observed.state
        )
        behavior_metrics = self.behavior.update(
            self.world_model,
            start,
            flatten(batch[IS_TERMINAL]),
            seeds[1],
            self.optimizers["actor"],
            self.optimizers["critic"],
            self.train_step_counter,
        )
        self.train_step_counter.assign_add(1)
        metrics = {f"model/{name}": value for name, value in model_metrics.items()}
        metrics.update({f"behavior/{name}": value for name, value in behavior_metrics.items()})
        return model_metrics["loss"], metrics

    def runner(self, env: py_environment.PyEnvironment, *, greedy: bool) -> PolicyRunner:
        """Returns what moves the robot of `env`: the mode of the policy, or samples of it."""
        del env  # all that it knows it has observed
        return PolicyRunner(self.policy if greedy else self.collect_policy)

    def open_loop(
        self, batch: Batch, context_steps: int
    ) -> Dict[str, Tuple[tf.Tensor, tf.Tensor]]:
        """Predictions of the world model; see `WorldModel.open_loop`."""
        return self._compiled_open_loop(batch, context_steps)

    def checkpoint_items(self) -> Dict[str, tf.Module]:
        """Everything that a resumed run needs of the agent: name to trackable."""
        return {
            "world_model": self.world_model,
            "behavior": self.behavior,
            "train_step": self.train_step_counter,
            "draw_count": self.collect_policy.draw_count,
            **{f"{name}_optimizer": value for name, value in self.optimizers.items()},
        }
