"""Model-predictive control with the learned world model."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Tuple

import tensorflow as tf
from tf_agents.agents import tf_agent
from tf_agents.environments import py_environment

from dreamer_tf.agent import DreamerAgent
from dreamer_tf.baselines.planner_policy import PlannerPolicy
from dreamer_tf.math.product import products_in
from dreamer_tf.math.random import make_seed
from dreamer_tf.policy_runner import PolicyRunner
from dreamer_tf.replicas import replica_number, split_over_replicas
from dreamer_tf.types import Batch


class PlannerAgent:
    """Trains Dreamer's world model as Dreamer does, and acts by planning in it.

    Args:
      dreamer: its world model, optimizers, seed and replay signature are used; its actor never
        acts.
      policies: by whether they are greedy.
      learn_values: whether actor and critic are trained too, because plans end in a value.
    """

    def __init__(
        self,
        dreamer: DreamerAgent,
        policies: Mapping[bool, PlannerPolicy],
        learn_values: bool,
    ):
        self.dreamer, self.policies, self._learn_values = dreamer, dict(policies), learn_values
        self.replay_signature = dreamer.replay_signature
        self.num_discrete_actions = dreamer.num_discrete_actions
        self.train_step_counter = dreamer.train_step_counter
        self.variables: List[tf.Variable] = list(dreamer.world_model.variables)
        if learn_values:
            self.variables = list(dreamer.variables)
        self._compiled_step = tf.function(split_over_replicas(self._train_model), autograph=False)

    def runner(self, env: py_environment.PyEnvironment, *, greedy: bool) -> PolicyRunner:
        """See `TrainedAgent.runner`."""
        del env  # all that it knows it has observed
        return PolicyRunner(self.policies[greedy])

    def train(self, experience: Batch) -> tf_agent.LossInfo:
        """Makes one update of the world model and, if values are learned, of actor and critic."""
        if self._learn_values:
            return self.dreamer.train(experience)
        return tf_agent.LossInfo(*self._compiled_step(experience))

    def _train_model(self, batch: Batch) -> Tuple[tf.Tensor, Dict[str, tf.Tensor]]:
        dreamer = self.dreamer
        seed = make_seed(dreamer.seed, self.train_step_counter, *replica_number())
        with products_in(dreamer.product_dtype):
            _, metrics = dreamer.world_model.update(batch, seed, dreamer.optimizers["model"])
        self.train_step_counter.assign_add(1)
        return metrics["loss"], {f"model/{name}": value for name, value in metrics.items()}

    def open_loop(
        self, batch: Batch, context_steps: int
    ) -> Dict[str, Tuple[tf.Tensor, tf.Tensor]]:
        """Predictions of the world model; see `WorldModel.open_loop`."""
        return self.dreamer.open_loop(batch, context_steps)

    def checkpoint_items(self) -> Dict[str, Any]:
        """See `TrainedAgent.checkpoint_items`."""
        items = self.dreamer.checkpoint_items()
        if not self._learn_values:
            items = {name: items[name] for name in ("world_model", "model_optimizer", "train_step")}
        return {**items, "draw_count": self.policies[False].draw_count}
