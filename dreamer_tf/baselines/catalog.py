"""The agents by name, known without importing TensorFlow."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Dict, List, NamedTuple

from dreamer_tf.errors import UserError
from dreamer_tf.replay.kind import ReplayKind

if TYPE_CHECKING:
    from dreamer_tf.trained_agent import TrainedAgent

DREAMER = "dreamer"


class AgentEntry(NamedTuple):
    """Where an agent is made.

    Attributes:
      description: one line for `--help`.
      module: imported when the agent is first made.
      function: of the module; takes the specs of the environment, `robot` and `seed`.
      replay: how the agent is served from the replay.
      world_model: whether it has Dreamer's world model, whose sizes Dreamer's presets set.
    """

    description: str
    module: str
    function: str
    replay: ReplayKind = ReplayKind.UNIFORM
    world_model: bool = False


_BASELINES: Dict[str, AgentEntry] = {
    "random": AgentEntry("uniform actions", "dreamer_tf.baselines.fixed", "make_random"),
    "scripted": AgentEntry(
        "a program that knows the twin's state", "dreamer_tf.baselines.fixed", "make_scripted"
    ),
    "sac": AgentEntry(
        "soft actor-critic of TF-Agents (vectors, continuous actions)",
        "dreamer_tf.baselines.sac",
        "make_sac",
    ),
    "drqv2": AgentEntry(
        "DrQ-v2 (pictures, continuous actions)", "dreamer_tf.baselines.drqv2", "make_drqv2"
    ),
    "ppo": AgentEntry(
        "PPO of TF-Agents (pictures and vectors, discrete actions)",
        "dreamer_tf.baselines.ppo",
        "make_ppo",
        ReplayKind.ON_POLICY,
    ),
    "rainbow": AgentEntry(
        "Rainbow on TF-Agents' C51 (pictures and vectors, discrete actions)",
        "dreamer_tf.baselines.rainbow",
        "make_rainbow",
        ReplayKind.PRIORITISED,
    ),
    "planner": AgentEntry(
        "plans in Dreamer's world model at every step (cross-entropy method)",
        "dreamer_tf.baselines.planner",
        "make_planner",
        world_model=True,
    ),
}


def names() -> List[str]:
    """Returns the names of all agents, Dreamer first."""
    return [DREAMER, *_BASELINES]


def descriptions() -> Dict[str, str]:
    """Returns name -> one line, for every baseline."""
    return {name: entry.description for name, entry in _BASELINES.items()}


def has_world_model(name: str) -> bool:
    """Tells whether an agent has Dreamer's world model: `open_loop`, and sizes by presets."""
    return name == DREAMER or _BASELINES[name].world_model


def check(name: str) -> None:
    """Raises UserError when there is no agent `name`."""
    if name not in names():
        raise UserError(f"unknown agent '{name}'; choose one of: {', '.join(names())}")


def replay_kind(name: str) -> ReplayKind:
    """Returns how the agent `name` is served from the replay.

    Raises:
      UserError: there is none.
    """
    check(name)
    return ReplayKind.UNIFORM if name == DREAMER else _BASELINES[name].replay


def factory(name: str):
    """Returns the function that makes the baseline `name`; gin knows its settings from then on.

    Raises:
      UserError: there is none.
    """
    check(name)
    entry = _BASELINES[name]
    return getattr(importlib.import_module(entry.module), entry.function)


def make(name: str, robot: str, time_step_spec, action_spec, *, seed: int) -> TrainedAgent:
    """Makes an agent for an environment; gin sets the rest.

    Args:
      name: one of `names()`.
      robot: name in `robot_envs.registry`.
      time_step_spec: of the environment; the observation is a flat dict.
      action_spec: of the environment.
      seed: of weights, training and sampling.

    Raises:
      UserError: there is no such agent, or it cannot control this robot.
    """
    if name == DREAMER:
        from dreamer_tf.factory import make_agent
        return make_agent(time_step_spec, action_spec, seed=seed)
    return factory(name)(time_step_spec, action_spec, robot=robot, seed=seed)
