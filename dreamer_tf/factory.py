"""Builds an agent from the specs of an environment; gin sets the rest."""

from __future__ import annotations

from typing import Optional, Sequence, Tuple

import gin
import keras
import numpy as np
import tensorflow as tf
from tf_agents.specs import tensor_spec
from tf_agents.trajectories import time_step as ts

from dreamer_tf.agent import DreamerAgent
from dreamer_tf.behavior import Behavior
from dreamer_tf.errors import UserError
from dreamer_tf.layers.actor import Actor
from dreamer_tf.layers.continue_head import ContinueHead
from dreamer_tf.layers.critic import Critic
from dreamer_tf.layers.decoder import Decoder
from dreamer_tf.layers.encoder import Encoder, image_keys, vector_keys
from dreamer_tf.layers.expected_picture import ExpectedPicture
from dreamer_tf.layers.reward_head import RewardHead
from dreamer_tf.layers.rssm import RSSM
from dreamer_tf.optimizers import make_optimizer
from dreamer_tf.replay.step_spec import num_discrete_actions, replay_step_spec
from dreamer_tf.world_model import WorldModel

BFLOAT16_PRODUCTS = "bfloat16_products"
PRECISIONS = ("float32", BFLOAT16_PRODUCTS, "mixed_bfloat16", "mixed_float16")


@gin.configurable(denylist=["time_step_spec", "action_spec", "seed"])
def make_agent(
    time_step_spec: ts.TimeStep,
    action_spec,
    *,
    seed: int,
    observation_keys: Optional[Sequence[str]] = None,
    model_learning_rate: float = 1e-4,
    actor_learning_rate: float = 1e-4,
    critic_learning_rate: float = 1e-4,
    precision: str = "float32",
    noise_correlation: float = 0.0,
    expect_pictures: bool = False,
) -> DreamerAgent:
    """Makes a `DreamerAgent` for an environment.

    Args:
      time_step_spec: of the environment; the observation is a flat dict.
      action_spec: continuous (A,) in [-1, 1], or a discrete number from 0.
      seed: of weights, training and sampling.
      observation_keys: what the agent sees; all keys if None.
      model_learning_rate: of Adam.
      actor_learning_rate: of Adam.
      critic_learning_rate: of Adam.
      precision: one of `PRECISIONS`: ``"bfloat16_products"`` rounds the factors of an update's
        products (see `products_in`), the others are Keras dtype policies of the layers.
      noise_correlation: of the collecting policy with its step before, in [0, 1).
      expect_pictures: where the robot has pictures and vectors, the world model learns what its
        vectors say of its pictures apart from all else (`ExpectedPicture`).

    Returns:
      The agent, with all variables made.

    Raises:
      UserError: for specs that do not fit, unknown keys or precision.
    """
    if precision not in PRECISIONS:
        raise UserError(
            f"make_agent.precision is {precision!r}: choose one of {', '.join(PRECISIONS)}"
        )
    if not 0.0 <= noise_correlation < 1.0:
        raise UserError(
            f"make_agent.noise_correlation is {noise_correlation}: it must be in [0, 1)"
        )
    product_dtype = None
    if precision == BFLOAT16_PRODUCTS:
        precision, product_dtype = "float32", tf.bfloat16
    time_step_spec = tensor_spec.from_spec(time_step_spec)
    action_spec = tensor_spec.from_spec(action_spec)
    signature = replay_step_spec(time_step_spec, action_spec)
    count = num_discrete_actions(action_spec)
    _check_bounds(action_spec, discrete=count is not None)
    action_size = action_spec.shape[0] if count is None else count
    keras.utils.set_random_seed(seed)
    world_model = make_world_model(
        _shapes(time_step_spec.observation, observation_keys), action_size, seed, precision,
        expect_pictures,
    )
    features = world_model.rssm.feature_size
    behavior = Behavior(
        Actor(features, action_size, discrete=count is not None, name="actor", dtype=precision),
        Critic(features, name="critic", dtype=precision),
    )
    parts: Tuple[Tuple[str, keras.layers.Layer, float], ...] = (
        ("model", world_model, model_learning_rate),
        ("actor", behavior.actor, actor_learning_rate),
        ("critic", behavior.critic, critic_learning_rate),
    )
    loss_scaling = precision == "mixed_float16"
    optimizers = {
        name: make_optimizer(part.trainable_variables, rate, loss_scaling=loss_scaling)
        for name, part, rate in parts
    }
    return DreamerAgent(
        time_step_spec,
        action_spec,
        world_model,
        behavior,
        optimizers,
        signature,
        seed,
        noise_correlation,
        product_dtype,
    )


def make_world_model(
    shapes, action_size: int, seed: int, precision: str = "float32", expect_pictures: bool = False
) -> WorldModel:
    """Makes a `WorldModel` whose layers gin configures.

    Args:
      shapes: observation key to shape, without batch.
      action_size: A.
      seed: of the draws of z.
      precision: Keras dtype policy.
      expect_pictures: see `make_agent`.

    Returns:
      The model, built.

    Raises:
      UserError: for shapes that no encoder fits.
    """
    try:
        encoder = Encoder(shapes, name="encoder", dtype=precision)
    except ValueError as error:
        raise UserError(f"the observations cannot be encoded: {error}") from error
    rssm = RSSM(action_size, encoder.embedding_size, name="rssm", dtype=precision)
    features = rssm.feature_size
    expected = None
    if expect_pictures and image_keys(shapes) and vector_keys(shapes):
        expected = ExpectedPicture(shapes, name="expected_picture", dtype=precision)
    return WorldModel(
        encoder,
        rssm,
        Decoder(shapes, features, name="decoder", dtype=precision),
        RewardHead(features, name="reward_head", dtype=precision),
        ContinueHead(features, name="continue_head", dtype=precision),
        expected,
        seed=seed,
        name="world_model",
    )


def _shapes(observation_spec, keys):
    keys = sorted(observation_spec) if keys is None else list(keys)
    unknown = sorted(set(keys) - set(observation_spec))
    if unknown:
        raise UserError(
            f"make_agent.observation_keys names {unknown}, which the robot does not give; "
            f"it gives {sorted(observation_spec)}"
        )
    return {key: tuple(observation_spec[key].shape) for key in keys}


def _check_bounds(action_spec: tf.TypeSpec, discrete: bool):
    if discrete:
        return
    if not (np.all(action_spec.minimum == -1.0) and np.all(action_spec.maximum == 1.0)):
        raise UserError(
            f"continuous actions must lie in [-1, 1], the robot's in {action_spec.minimum} .. "
            f"{action_spec.maximum}: scale them by a wrapper"
        )
