"""What one step in replay looks like, derived from the specs of an environment."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from dreamer_tf.errors import UserError
from dreamer_tf.types import STEP_KEYS


def num_discrete_actions(action_spec: Any) -> int | None:
    """Number of choices of a discrete action, or None for a continuous one.

    Args:
      action_spec: one bounded (array or tensor) spec: int32 () in 0 .. n-1, or float32 (A,).

    Raises:
      UserError: the spec is nested, or neither of the two kinds.
    """
    if isinstance(action_spec, (dict, list, tuple)):
        raise UserError(f"the action must be one array, not the structure {action_spec}")
    if tf.as_dtype(action_spec.dtype).is_floating:
        if len(action_spec.shape) != 1:
            raise UserError(
                f"a continuous action must have the shape (A,), not {tuple(action_spec.shape)}"
            )
        return None
    if len(action_spec.shape) != 0 or np.any(np.asarray(action_spec.minimum) != 0):
        raise UserError(
            f"a discrete action must be one whole number counted from 0, not {action_spec}"
        )
    return int(action_spec.maximum) + 1


def replay_step_spec(time_step_spec: Any, action_spec: Any) -> dict[str, tf.TensorSpec]:
    """The signature of ONE step as replay stores it (world-model convention).

    Args:
      time_step_spec: `TimeStep` of specs without batch dimension; its observation is a flat dict.
      action_spec: see `num_discrete_actions`.

    Returns:
      A dict of `tf.TensorSpec`: every observation key with its own shape and dtype, and
      `prev_action` float32 (A,), `reward` float32 (), `is_first`, `is_last`, `is_terminal` bool ().

    Raises:
      UserError: the observation is no flat dict, or one of its keys has a name that replay needs,
        or the action is of another kind than `num_discrete_actions` knows.
    """
    observation = time_step_spec.observation
    if not isinstance(observation, dict) or any(
        isinstance(spec, (dict, list, tuple)) for spec in observation.values()
    ):
        raise UserError("the observation must be a flat dict of arrays: wrap the environment")
    taken = sorted(set(observation) & set(STEP_KEYS))
    if taken:
        raise UserError(f"observation keys {taken} have names that replay needs: rename them")
    choices = num_discrete_actions(action_spec)
    action_size = choices if choices is not None else int(action_spec.shape[0])
    spec = {
        key: tf.TensorSpec(tuple(value.shape), tf.as_dtype(value.dtype), name=key)
        for key, value in observation.items()
    }
    spec["prev_action"] = tf.TensorSpec((action_size,), tf.float32, name="prev_action")
    spec["reward"] = tf.TensorSpec((), tf.float32, name="reward")
    for flag in ("is_first", "is_last", "is_terminal"):
        spec[flag] = tf.TensorSpec((), tf.bool, name=flag)
    return spec
