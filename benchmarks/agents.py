"""Agents as the training binary makes them, and batches to feed them."""

from __future__ import annotations

import inspect
from typing import Any, Dict, Mapping, NamedTuple, Sequence

import gin
import numpy as np
import tensorflow as tf

from benchmarks import presets
from dreamer_tf import config
from dreamer_tf.agent import DreamerAgent
from dreamer_tf.factory import make_agent
from dreamer_tf.trainer import Trainer
from robot_envs import registry

EPISODE_STEPS = 50
"""Mean length of the episodes in fake batches."""


class Setup(NamedTuple):
    """An agent and the size of its batches.

    Attributes:
      agent: with all variables made.
      batch_size: B.
      sequence_length: T.
    """

    agent: DreamerAgent
    batch_size: int
    sequence_length: int

    @property
    def batch(self) -> Dict[str, tf.Tensor]:
        """A fake batch (B, T, ...), the same at every call."""
        return fake_batch(self.agent.replay_signature, self.batch_size, self.sequence_length)


def make_setup(robot: str, preset: str, gradient: str, bindings: Sequence[str] = ()) -> Setup:
    """Reads the settings and makes the agent of a robot, as the training binary does.

    Args:
      robot: name in the registry.
      preset: name in `presets.PRESETS`.
      gradient: of the actor, `dynamics` or `reinforce`.
      bindings: lines of gin that win over the preset.

    Raises:
      UserError: a setting is wrong.
      RobotError: the robot cannot be made.
    """
    registry.get(robot).factory()  # so that gin knows the settings of the robot's own modules
    files = config.files_of_run(robot, presets.PRESETS[preset].files)
    config.load(files, presets.gin_bindings(preset, gradient, bindings))
    environment = registry.make(robot, seed=0)
    specs = environment.time_step_spec(), environment.action_spec()
    environment.close()
    agent = make_agent(*specs, seed=0)
    return Setup(agent, trainer_setting("batch_size"), trainer_setting("sequence_length"))


def trainer_setting(name: str) -> Any:
    """Returns a parameter of `Trainer` as the settings read last have it."""
    try:
        return gin.query_parameter(f"Trainer.{name}")
    except ValueError:  # not bound: the default counts
        return inspect.signature(Trainer).parameters[name].default


def fake_batch(
    signature: Mapping[str, tf.TensorSpec], batch_size: int, sequence_length: int, seed: int = 0
) -> Dict[str, tf.Tensor]:
    """Makes a batch of random steps with episodes that begin and end inside.

    Args:
      signature: of one step, as `DreamerAgent.replay_signature`.
      batch_size: B.
      sequence_length: T.
      seed: the same gives the same batch.

    Returns:
      Key to (B, T, ...): pictures and vectors random, no action and no reward at the first step
      of an episode, every second end of an episode terminal.
    """
    random = np.random.default_rng(seed)
    leading = (batch_size, sequence_length)
    is_first = random.uniform(size=leading) < 1.0 / EPISODE_STEPS
    is_first[0, sequence_length // 2] = True  # small batches have one too
    is_last = np.zeros_like(is_first)
    is_last[:, :-1] = is_first[:, 1:]
    flags = {
        "is_first": is_first,
        "is_last": is_last,
        "is_terminal": is_last & (random.uniform(size=leading) < 0.5),
    }
    batch = {}
    for key, spec in signature.items():
        shape = (*leading, *spec.shape)
        value = flags[key] if key in flags else _random(random, shape, spec.dtype)
        if key in ("prev_action", "reward"):
            value = np.where(is_first.reshape(leading + (1,) * (value.ndim - 2)), 0.0, value)
        batch[key] = tf.constant(value, spec.dtype)
    return batch


def _random(random: np.random.Generator, shape: Sequence[int], dtype: tf.DType) -> np.ndarray:
    if dtype == tf.uint8:
        return random.integers(0, 256, shape, dtype=np.uint8)
    return random.uniform(-1.0, 1.0, shape)
