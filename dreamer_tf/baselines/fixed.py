"""Makes the agents that do not learn."""

from __future__ import annotations

from tf_agents.specs import tensor_spec

from dreamer_tf.baselines.fixed_agent import FixedAgent, MakeRunner
from dreamer_tf.baselines.random_actions import RandomActions
from dreamer_tf.baselines.scripted_actions import ScriptedActions, make_script
from dreamer_tf.replay.step_spec import num_discrete_actions, replay_step_spec


def make_random(time_step_spec, action_spec, *, robot: str, seed: int) -> FixedAgent:
    """Makes the agent of uniform actions.

    Args:
      time_step_spec: of the environment.
      action_spec: bounded.
      robot: any.
      seed: of the actions.
    """
    del robot
    return _make(
        time_step_spec,
        action_spec,
        lambda env, greedy, count: RandomActions(env.action_spec(), seed, greedy, count),
    )


def make_scripted(time_step_spec, action_spec, *, robot: str, seed: int) -> FixedAgent:
    """Makes the agent that runs a robot's scripted policy, on a twin only.

    Args:
      time_step_spec: of the environment.
      action_spec: of the environment.
      robot: name of a robot that has a script.
      seed: of nothing.

    Raises:
      UserError: the robot has no script.
    """
    del seed
    make_script(robot)
    return _make(
        time_step_spec,
        action_spec,
        lambda env, greedy, count: ScriptedActions(env, make_script(robot)),
    )


def _make(time_step_spec, action_spec, make_runner: MakeRunner) -> FixedAgent:
    specs = tensor_spec.from_spec(time_step_spec), tensor_spec.from_spec(action_spec)
    return FixedAgent(replay_step_spec(*specs), num_discrete_actions(specs[1]), make_runner)
