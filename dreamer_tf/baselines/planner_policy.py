"""A policy that plans anew at every step."""

from __future__ import annotations

from typing import Sequence

import tensorflow as tf
from tf_agents.policies import tf_policy
from tf_agents.trajectories import policy_step
from tf_agents.trajectories import time_step as ts

from dreamer_tf.baselines.plan_search import PlanSearch
from dreamer_tf.math.random import make_seed, race_noise
from dreamer_tf.types import State
from dreamer_tf.world_model import WorldModel


class PlannerPolicy(tf_policy.TFPolicy):
    """Filters what it sees, searches for a plan, does its first action (PlaNet, arXiv 1811.04551).

    The search begins with the plan of the step before, moved on by a step. Policy state: ``deter``
    (B, D), ``stoch`` (B, S, K), ``prev_action`` (B, A), ``plan`` (B, H, A) and, with correlated
    noise, ``noise`` (B, A). A FIRST time step starts anew.

    Args:
      time_step_spec: of the environment.
      action_spec: one continuous action in [-1, 1] or one discrete from 0.
      world_model: filters.
      search: plans.
      discrete: whether actions are one number.
      variables: that it acts with.
      greedy: True takes the mode of z and the first action of the plan; the search draws the same
        numbers at every step. False samples z and explores.
      seed: of all draws.
      noise_correlation: of the exploration noise with that of the step before, in [0, 1); for
        continuous actions only, see `DreamerPolicy`.
    """

    def __init__(
        self,
        time_step_spec: ts.TimeStep,
        action_spec: tf.TypeSpec,
        world_model: WorldModel,
        search: PlanSearch,
        *,
        discrete: bool,
        variables: Sequence[tf.Variable],
        greedy: bool,
        seed: int,
        noise_correlation: float = 0.0,
    ):
        self._get = lambda: world_model  # TensorFlow tracks what it finds in here
        self._search, self._discrete = search, discrete
        self._acting = list(variables)
        self._greedy, self._seed = greedy, seed
        self._noise_correlation = 0.0 if greedy or discrete else noise_correlation
        rssm = world_model.rssm
        action_size = search.plan.shape[1]
        state_spec = {
            "deter": tf.TensorSpec((rssm.deter,), rssm.compute_dtype),
            "stoch": tf.TensorSpec((rssm.stoch, rssm.classes), rssm.compute_dtype),
            "prev_action": tf.TensorSpec((action_size,), tf.float32),
            "plan": tf.TensorSpec(search.plan.shape, tf.float32),
        }
        if self._noise_correlation:
            state_spec["noise"] = tf.TensorSpec((action_size,), tf.float32)
        super().__init__(time_step_spec, action_spec, policy_state_spec=state_spec, clip=False)
        self.draw_count = tf.Variable(0, trainable=False, dtype=tf.int64, name="draw_count")

    def _variables(self):
        return list(self._acting)

    def _action(self, time_step, policy_state, seed):
        del seed  # Randomness is a function of the policy's own seed and count.
        is_first = time_step.is_first()
        seeds = [make_seed(self._seed, self.draw_count, which) for which in range(3)]
        state = self._filter(time_step, policy_state, seeds[0])
        plan = self._moved_on(policy_state["plan"], is_first)
        belief = self._search.search(state, plan, seeds[1])
        following = {
            "deter": state.deter, "stoch": state.stoch, "plan": self._search.plan.plan(belief)
        }
        if self._greedy:
            action = self._search.plan.first(belief)
        else:
            noise = self._noise(policy_state, is_first, seeds[2])
            action = self._search.plan.explore(belief, noise)
            if self._noise_correlation:
                following["noise"] = noise
            self.draw_count.assign_add(1)
        following["prev_action"] = action
        return policy_step.PolicyStep(self._to_robot(action), following, ())

    def _filter(self, time_step, policy_state, seed) -> State:
        model, is_first = self._get(), time_step.is_first()
        rssm = model.rssm
        shape = [tf.shape(is_first)[0], rssm.stoch, rssm.classes]
        return rssm.observe_step(
            State(policy_state["deter"], policy_state["stoch"]),
            model.embed(dict(time_step.observation)),
            policy_state["prev_action"],
            is_first,
            None if self._greedy else race_noise(shape, seed),
        )

    def _moved_on(self, plan, is_first):
        """The plan (B, H, A) of the step before without its first action; a fresh one at FIRST."""
        fresh = self._search.plan.fresh(tf.shape(plan)[0])
        moved = tf.concat([plan[:, 1:], fresh[:, -1:]], 1)
        return tf.where(is_first[:, None, None], fresh, moved)

    def _noise(self, policy_state, is_first, seed):
        noise = self._search.plan.noise(tf.shape(is_first)[0], seed)
        kept = self._noise_correlation
        if not kept:
            return noise
        mixed = kept * policy_state["noise"] + (1.0 - kept**2) ** 0.5 * noise
        return tf.where(is_first[:, None], noise, mixed)

    def _to_robot(self, action):
        if self._discrete:
            return tf.cast(tf.argmax(action, -1), self.action_spec.dtype)
        return tf.cast(action, self.action_spec.dtype)

    def _distribution(self, time_step, policy_state):
        raise NotImplementedError("PlannerPolicy acts by action()")
