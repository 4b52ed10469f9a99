"""Search for the best actions in a world model."""

from __future__ import annotations

from typing import Any, Optional, Union

import tensorflow as tf

from dreamer_tf.baselines.categorical_plan import CategoricalPlan
from dreamer_tf.baselines.normal_plan import NormalPlan
from dreamer_tf.layers.critic import Critic
from dreamer_tf.math.elites import choose_elites
from dreamer_tf.math.returns import discounted_sum
from dreamer_tf.types import State
from dreamer_tf.world_model import WorldModel

Plan = Union[NormalPlan, CategoricalPlan]


class PlanSearch:
    """Cross-entropy method in latent space (PlaNet, arXiv 1811.04551, algorithm 2).

    Each iteration draws N sequences of H actions, rolls the prior out from the posterior state,
    draws of z included, scores them by the predicted rewards, discounted by gamma and the chance
    to continue, and fits the belief to the best L.

    Args:
      world_model: imagined in.
      plan: the kind of actions and beliefs.
      candidates: N.
      elites: L.
      iterations: of drawing and fitting.
      discount: gamma.
      critic: its value of the last state is added to the score; None for none, as in PlaNet.
    """

    def __init__(
        self,
        world_model: WorldModel,
        plan: Plan,
        *,
        candidates: int,
        elites: int,
        iterations: int,
        discount: float,
        critic: Optional[Critic] = None,
    ):
        self.plan = plan
        self._get = lambda: (world_model, critic)  # TensorFlow tracks what it finds in here
        self._candidates, self._elites = candidates, elites
        self._iterations, self._discount = iterations, discount

    def search(self, state: State, plan: tf.Tensor, seed: tf.Tensor) -> Any:
        """Looks for good plans.

        Args:
          state: posterior, deter (B, D), stoch (B, S, K).
          plan: (B, H, A) to begin with.
          seed: (2,) int32 of all draws.

        Returns:
          The belief about good plans, as ``plan`` of the constructor has it.
        """
        start = tf.nest.map_structure(lambda x: tf.repeat(x, self._candidates, 0), state)
        belief = self.plan.begin(plan)
        for iteration in range(self._iterations):
            step_seed = tf.random.experimental.stateless_fold_in(seed, iteration)
            seeds = tf.unstack(tf.random.experimental.stateless_split(step_seed, 2))
            actions = self.plan.sample(belief, self._candidates, seeds[0])
            flat = tf.reshape(actions, [-1, *self.plan.shape])
            score = tf.reshape(self.score(start, flat, seeds[1]), [-1, self._candidates])
            belief = self.plan.refit(choose_elites(actions, score, self._elites))
        return belief

    def score(self, state: State, action: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """Returns what sequences of actions are worth.

        Args:
          state: deter (N, D), stoch (N, S, K).
          action: (N, H, A).
          seed: (2,) int32 for the draws of z.

        Returns:
          (N,) discounted rewards, and the critic's value if there is one.
        """
        world_model, critic = self._get()
        features = world_model.rssm.imagine(state, action, seed).features()
        reward = tf.transpose(world_model.reward_head.mean(features))
        discount = self._discount * tf.transpose(world_model.continue_head.mean(features))
        value = None if critic is None else critic.mean(features[:, -1])
        return discounted_sum(reward, discount, value)
