"""Makes Rainbow; gin sets the rest."""

from __future__ import annotations

from typing import Tuple

import gin
import keras
import tensorflow as tf
from tf_agents.specs import tensor_spec
from tf_agents.trajectories import time_step as ts

from dreamer_tf.baselines.discrete_actions import check_discrete
from dreamer_tf.baselines.double_c51_agent import DoubleC51Agent
from dreamer_tf.baselines.normalised_observation import NormalisedObservation
from dreamer_tf.baselines.rainbow_agent import RainbowAgent
from dreamer_tf.baselines.rainbow_network import RainbowNetwork
from dreamer_tf.errors import UserError
from dreamer_tf.optimizers import make_optimizer
from dreamer_tf.replay.step_spec import replay_step_spec


@gin.configurable(denylist=["time_step_spec", "action_spec", "robot", "seed"])
def make_rainbow(
    time_step_spec: ts.TimeStep,
    action_spec,
    *,
    robot: str,
    seed: int,
    cnn_depth: int = 32,
    units: int = 512,
    atoms: int = 51,
    value_range: Tuple[float, float] = (-10.0, 10.0),
    noise_scale: float = 0.5,
    learning_rate: float = 6.25e-5,
    epsilon: float = 1.5e-4,
    clip_norm: float = 10.0,
    discount: float = 0.99,
    reward_scale: float = 1.0,
    n_step: int = 3,
    target_update_period: int = 8000,
    weight_exponents: Tuple[float, float] = (0.4, 1.0),
    weight_updates: int = 1_000_000,
) -> RainbowAgent:
    """Makes the agent; defaults are those of the paper (arXiv 1710.02298, table 1).

    The encoder is Dreamer's, not the paper's for Atari, and there is no stack of frames. The
    exponent of the priorities is `Trainer.priority_exponent`.

    Args:
      time_step_spec: of the environment; pictures of 64 x 64 and vectors.
      action_spec: discrete.
      robot: for messages.
      seed: of weights, training and noise.
      cnn_depth: channels of the first convolution.
      units: of the hidden layers.
      atoms: of a return distribution.
      value_range: lowest and highest return that it knows, of scaled rewards.
      noise_scale: sigma_0.
      learning_rate: of Adam.
      epsilon: of Adam.
      clip_norm: largest norm of the gradient.
      discount: gamma.
      reward_scale: what a reward is multiplied by.
      n_step: n.
      target_update_period: updates from one copy of the target network to the next.
      weight_exponents: first and last beta of the importance weights.
      weight_updates: updates between them.

    Returns:
      The agent, with all variables made.

    Raises:
      UserError: actions are continuous, an observation cannot be encoded, or a number is senseless.
    """
    time_step_spec = tensor_spec.from_spec(time_step_spec)
    action_spec = tensor_spec.from_spec(action_spec)
    count = check_discrete("rainbow", robot, action_spec)
    if n_step < 1 or atoms < 2 or not value_range[0] < value_range[1]:
        raise UserError(
            f"make_rainbow needs n_step of 1 or more, atoms of 2 or more and a value_range that "
            f"rises, not {n_step}, {atoms} and {value_range}"
        )
    observations = NormalisedObservation(time_step_spec.observation, "rainbow", robot)
    keras.utils.set_random_seed(seed)
    networks = {
        name: RainbowNetwork(
            observations.spec, count, atoms, units, cnn_depth, noise_scale, name=name
        )
        for name in ("online", "target")
    }
    for net in networks.values():
        net.create_variables()
    optimizer = make_optimizer(
        networks["online"].trainable_variables,
        learning_rate,
        epsilon=epsilon,
        clip_norm=clip_norm,
        weight_decay=0.0,
    )
    inner = DoubleC51Agent(
        ts.time_step_spec(observations.spec),
        action_spec,
        categorical_q_network=networks["online"],
        target_categorical_q_network=networks["target"],
        optimizer=optimizer,
        min_q_value=value_range[0],
        max_q_value=value_range[1],
        target_update_period=target_update_period,
        train_step_counter=tf.Variable(0, trainable=False, dtype=tf.int64, name="train_step"),
        seed=seed,
    )
    inner.initialize()
    return RainbowAgent(
        time_step_spec,
        inner,
        networks,
        optimizer,
        observations,
        replay_step_spec(time_step_spec, action_spec),
        n_step=n_step,
        discount=discount,
        reward_scale=reward_scale,
        weight_schedule=(*weight_exponents, weight_updates),
        seed=seed,
    )
