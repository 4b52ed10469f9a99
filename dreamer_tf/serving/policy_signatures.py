"""A policy as TensorFlow signatures with flat names, beside those of TF-Agents."""

from __future__ import annotations

import os
from typing import Dict, Mapping, Optional

import tensorflow as tf
from absl import logging
from tf_agents.policies import policy_saver

from dreamer_tf.errors import UserError
from dreamer_tf.policy import DreamerPolicy

IS_FIRST = "is_first"
ACTION = "action"
SERVING = "serving_default"
SINGLE = "single"

def flat_specs(policy: DreamerPolicy, batch_size: Optional[int]) -> Dict[str, tf.TensorSpec]:
    """Returns what a flat signature takes: observations, ``is_first``, state keys.

    Args:
      policy: to be exported.
      batch_size: None leaves it free.

    Raises:
      UserError: an observation has the name of a state key or of an output.
    """
    observation = policy.time_step_spec.observation
    taken = {*state_specs(policy), IS_FIRST, ACTION}
    clash = sorted(taken & set(policy.observation_keys))
    if clash:
        raise UserError(
            f"the observations {clash} have names that an exported policy needs: rename them"
        )
    specs = {
        key: tf.TensorSpec([batch_size, *observation[key].shape], observation[key].dtype, key)
        for key in policy.observation_keys
    }
    specs[IS_FIRST] = tf.TensorSpec([batch_size], tf.bool, IS_FIRST)
    for key, spec in state_specs(policy).items():
        specs[key] = tf.TensorSpec([batch_size, *spec.shape], spec.dtype, key)
    return specs


def state_specs(policy: DreamerPolicy) -> Dict[str, tf.TensorSpec]:
    """Returns the state keys without batch dimension; float32 whatever the policy computes in."""
    return {
        key: tf.TensorSpec(spec.shape, tf.float32, key)
        for key, spec in sorted(policy.policy_state_spec.items())
    }


def flat_step(policy: DreamerPolicy, inputs: Mapping[str, tf.Tensor]) -> Dict[str, tf.Tensor]:
    """Makes one step: flat inputs to ``action`` and the next state under the same names.

    A sampling policy draws from TensorFlow's own generator; see `DreamerPolicy.fresh_noise`.

    Args:
      policy: to be exported.
      inputs: as `flat_specs` says.
    """
    is_first = inputs[IS_FIRST]
    state = {
        key: tf.cast(inputs[key], spec.dtype) for key, spec in policy.policy_state_spec.items()
    }
    noise = None
    if not policy.greedy:
        batch = is_first.shape[0]  # TFLite draws shapes that it knows
        noise = policy.fresh_noise(tf.shape(is_first)[0] if batch is None else batch)
    observation = {key: inputs[key] for key in policy.observation_keys}
    action, state = policy.advance(observation, is_first, state, noise)
    outputs = {key: tf.cast(value, tf.float32) for key, value in state.items()}
    return {ACTION: action, **outputs}


def flat_signature(policy: DreamerPolicy, batch_size: Optional[int]):
    """Returns `flat_step` traced for a batch size, or for any."""
    step = tf.function(lambda **inputs: flat_step(policy, inputs), autograph=False)
    return step.get_concrete_function(**flat_specs(policy, batch_size))


def save_policy(policy: DreamerPolicy, train_step: tf.Variable, folder: os.PathLike) -> None:
    """Writes a SavedModel.

    Its signatures are TF-Agents' (``action``, ``get_initial_state``, ``get_train_step``,
    ``get_metadata``), and ``serving_default`` for any batch and ``single`` for one robot, which
    take and give flat names.

    Args:
      policy: to be exported.
      train_step: updates so far.
      folder: to be made.

    Raises:
      UserError: an observation's name does not fit.
      OSError, tf.errors.OpError: it cannot be written.
    """
    # PolicySaver warns about names that it makes itself, eight lines a time.
    before = logging.get_verbosity()
    logging.set_verbosity(logging.ERROR)
    try:
        saver = policy_saver.PolicySaver(policy, batch_size=None, train_step=train_step)
        saver.signatures[SERVING] = flat_signature(policy, None)
        saver.signatures[SINGLE] = flat_signature(policy, 1)
        saver.save(str(folder))
    finally:
        logging.set_verbosity(before)
