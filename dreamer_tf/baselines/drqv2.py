"""Makes DrQ-v2; gin sets the rest."""

from __future__ import annotations

from typing import Tuple

import gin
import keras
import tensorflow as tf
from tf_agents.specs import tensor_spec
from tf_agents.trajectories import time_step as ts

from dreamer_tf.baselines.continuous_actions import check_continuous
from dreamer_tf.baselines.drqv2_agent import DrqV2Agent
from dreamer_tf.baselines.drqv2_networks import make_actor, make_critic, make_encoder
from dreamer_tf.baselines.drqv2_policy import DrqV2Policy
from dreamer_tf.errors import UserError
from dreamer_tf.optimizers import make_optimizer
from dreamer_tf.replay.step_spec import replay_step_spec


@gin.configurable(denylist=["time_step_spec", "action_spec", "robot", "seed"])
def make_drqv2(
    time_step_spec: ts.TimeStep,
    action_spec,
    *,
    robot: str,
    seed: int,
    channels: int = 32,
    features: int = 50,
    units: int = 1024,
    learning_rate: float = 1e-4,
    discount: float = 0.99,
    n_step: int = 3,
    frame_stack: int = 3,
    target_update_rate: float = 0.01,
    shift_pixels: int = 4,
    noise_range: Tuple[float, float] = (1.0, 0.1),
    noise_steps: int = 100_000,
    noise_clip: float = 0.3,
) -> DrqV2Agent:
    """Makes the agent; defaults are those of the paper's easy tasks (arXiv 2107.09645, table 3).

    Args:
      time_step_spec: of the environment; one picture and nothing else.
      action_spec: continuous (A,) in [-1, 1].
      robot: for messages.
      seed: of weights, training and sampling.
      channels: of the encoder's convolutions.
      features: of the trunks.
      units: of the hidden layers.
      learning_rate: of Adam.
      discount: gamma.
      n_step: n.
      frame_stack: pictures that the encoder sees.
      target_update_rate: tau.
      shift_pixels: of the augmentation.
      noise_range: first and last standard deviation of exploration.
      noise_steps: steps of the collecting policy between them.
      noise_clip: of the noise in the actions of an update.

    Returns:
      The agent, with all variables made.

    Raises:
      UserError: actions are discrete, or the observation is not one picture of bytes.
    """
    time_step_spec = tensor_spec.from_spec(time_step_spec)
    action_spec = tensor_spec.from_spec(action_spec)
    check_continuous("drqv2", robot, action_spec)
    picture, shape = _picture(time_step_spec.observation, robot)
    keras.utils.set_random_seed(seed)
    encoder = make_encoder((*shape[:2], shape[2] * frame_stack), channels)
    sizes = (encoder.output_shape[-1], int(action_spec.shape[0]), features, units)
    models = {
        "encoder": encoder,
        "actor": make_actor(*sizes),
        "critic": make_critic(*sizes),
        "target_critic": make_critic(*sizes),
    }
    models["target_critic"].set_weights(models["critic"].get_weights())
    optimizers = {
        name: make_optimizer(
            models[name].trainable_variables, learning_rate, epsilon=1e-8, weight_decay=0.0
        )
        for name in ("encoder", "actor", "critic")
    }
    collect, greedy = (
        DrqV2Policy(time_step_spec, action_spec, encoder, models["actor"], picture, noise, seed)
        for noise in ((*noise_range, noise_steps), None)
    )
    return DrqV2Agent(
        models,
        optimizers,
        (collect, greedy),
        replay_step_spec(time_step_spec, action_spec),
        picture=picture,
        frame_stack=frame_stack,
        n_step=n_step,
        discount=discount,
        target_update_rate=target_update_rate,
        noise_clip=noise_clip,
        shift_pixels=shift_pixels,
        seed=seed,
    )


def _picture(observation_spec, robot: str) -> Tuple[str, Tuple[int, ...]]:
    """Returns key and shape of the only observation."""
    specs = list(observation_spec.items())
    if len(specs) != 1 or len(specs[0][1].shape) != 3 or specs[0][1].dtype != tf.uint8:
        raise UserError(
            f"the agent drqv2 sees one picture and nothing else, '{robot}' gives "
            f"{sorted(observation_spec)}: take --agent=sac for vectors, or dreamer"
        )
    return specs[0][0], tuple(specs[0][1].shape)
