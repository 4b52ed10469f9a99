"""Makes the planner; gin sets the rest."""

from __future__ import annotations

from typing import Tuple

import gin
from tf_agents.trajectories import time_step as ts

from dreamer_tf.baselines.categorical_plan import CategoricalPlan
from dreamer_tf.baselines.normal_plan import NormalPlan
from dreamer_tf.baselines.plan_search import Plan, PlanSearch
from dreamer_tf.baselines.planner_agent import PlannerAgent
from dreamer_tf.baselines.planner_policy import PlannerPolicy
from dreamer_tf.errors import UserError
from dreamer_tf.factory import make_agent


@gin.configurable(denylist=["time_step_spec", "action_spec", "robot", "seed"])
def make_planner(
    time_step_spec: ts.TimeStep,
    action_spec,
    *,
    robot: str,
    seed: int,
    horizon: int = 12,
    candidates: int = 1000,
    elites: int = 100,
    iterations: int = 10,
    std_range: Tuple[float, float] = (0.05, 1.0),
    uniform_share: float = 0.5,
    min_share: float = 0.05,
    exploration_std: float = 0.3,
    exploration_share: float = 0.1,
    noise_correlation: float = 0.0,
    learn_values: bool = False,
) -> PlannerAgent:
    """Makes the agent; sizes of the search are those of PlaNet (arXiv 1811.04551, section 5).

    The world model is Dreamer's, with its sizes and its learning rate (`make_agent`); the discount
    of rewards is `Behavior.discount`.

    Args:
      time_step_spec: of the environment; the observation is a flat dict.
      action_spec: continuous (A,) in [-1, 1], or a discrete number from 0.
      robot: any.
      seed: of weights, training and planning.
      horizon: H, steps of a plan.
      candidates: N, plans that an iteration tries.
      elites: L, plans that the next iteration is fitted to.
      iterations: of a search.
      std_range: of continuous actions: smallest of a refit, and what a search begins with.
      uniform_share: of discrete actions: what a search begins with beside the plan before.
      min_share: of discrete actions: share of the uniform distribution in a refit.
      exploration_std: noise on continuous actions that are collected.
      exploration_share: of uniform ones in the discrete actions that are collected.
      noise_correlation: of that noise with the step before, in [0, 1); continuous actions.
      learn_values: train actor and critic too, and add the slow critic's value of the last state
        to the score of a plan. Without, an update is that of the world model alone, and nothing
        behind the horizon counts, as in PlaNet.

    Returns:
      The agent, with all variables made.

    Raises:
      UserError: for specs that do not fit, or sizes that make no search.
    """
    del robot
    sizes = {"horizon": horizon, "candidates": candidates, "elites": elites,
             "iterations": iterations}
    for name, size in sizes.items():
        if not isinstance(size, int) or size < 1:
            raise UserError(f"make_planner.{name} must be a whole number from 1, not {size!r}")
    if elites > candidates:
        raise UserError(f"make_planner.elites={elites} cannot be chosen of candidates={candidates}")
    if not 0.0 <= noise_correlation < 1.0:
        raise UserError(
            f"make_planner.noise_correlation is {noise_correlation}: it must be in [0, 1)"
        )
    dreamer = make_agent(time_step_spec, action_spec, seed=seed)
    discrete = dreamer.num_discrete_actions is not None
    action_size = dreamer.behavior.actor.action_size
    plan: Plan = NormalPlan(horizon, action_size, std_range, exploration_std)
    if discrete:
        plan = CategoricalPlan(horizon, action_size, uniform_share, min_share, exploration_share)
    model, behavior = dreamer.world_model, dreamer.behavior
    critic = behavior.slow_critic if learn_values else None
    search = PlanSearch(
        model, plan, candidates=candidates, elites=elites, iterations=iterations,
        discount=behavior.discount, critic=critic,
    )
    used = [model.centring, model.encoder, model.rssm, model.reward_head, model.continue_head]
    used += [critic] if critic else []
    policies = {
        greedy: PlannerPolicy(
            dreamer.time_step_spec, dreamer.action_spec, model, search, discrete=discrete,
            variables=[v for layer in used for v in layer.variables], greedy=greedy, seed=seed,
            noise_correlation=noise_correlation,
        )
        for greedy in (False, True)
    }
    return PlannerAgent(dreamer, policies, learn_values)
