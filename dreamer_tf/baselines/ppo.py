"""Makes PPO; gin sets the rest."""

from __future__ import annotations

import gin
import keras
import tensorflow as tf
from tf_agents.agents.ppo import ppo_clip_agent
from tf_agents.networks import actor_distribution_network, value_network
from tf_agents.specs import tensor_spec
from tf_agents.trajectories import time_step as ts

from dreamer_tf.baselines.discrete_actions import check_discrete
from dreamer_tf.baselines.normalised_observation import NormalisedObservation
from dreamer_tf.baselines.ppo_agent import PpoAgent
from dreamer_tf.errors import UserError
from dreamer_tf.layers.encoder import Encoder
from dreamer_tf.optimizers import make_optimizer
from dreamer_tf.replay.step_spec import replay_step_spec


@gin.configurable(denylist=["time_step_spec", "action_spec", "robot", "seed"])
def make_ppo(
    time_step_spec: ts.TimeStep,
    action_spec,
    *,
    robot: str,
    seed: int,
    cnn_depth: int = 32,
    units: int = 256,
    learning_rate: float = 2.5e-4,
    clip_norm: float = 0.5,
    discount: float = 0.99,
    lambda_: float = 0.95,
    ratio_clip: float = 0.1,
    entropy_scale: float = 0.01,
    epochs: int = 3,
    minibatch_size: int = 256,
    reward_scale: float = 1.0,
) -> PpoAgent:
    """Makes the agent; defaults are those of the paper for Atari (arXiv 1707.06347, table 5).

    Learning rate and clip do not fall to 0 as they do there; actor and critic share no weights, so
    that their losses need no weights either; each has an encoder like Dreamer's.

    Args:
      time_step_spec: of the environment; pictures of 64 x 64 and vectors.
      action_spec: discrete.
      robot: for messages.
      seed: of weights, sampling and shuffling.
      cnn_depth: channels of the first convolution.
      units: of the hidden layer behind the encoder, and of the encoder's for vectors.
      learning_rate: of Adam.
      clip_norm: largest norm of the gradient.
      discount: gamma.
      lambda_: of the advantages.
      ratio_clip: epsilon.
      entropy_scale: of the entropy bonus, above 0.
      epochs: how often each transition is used.
      minibatch_size: transitions of a step of the optimizer.
      reward_scale: what a reward is multiplied by.

    Returns:
      The agent, with all variables made.

    Raises:
      UserError: actions are continuous, an observation cannot be encoded, or a number is senseless.
    """
    time_step_spec = tensor_spec.from_spec(time_step_spec)
    action_spec = tensor_spec.from_spec(action_spec)
    check_discrete("ppo", robot, action_spec)
    if epochs < 1 or minibatch_size < 1 or not entropy_scale > 0:
        raise UserError(
            "make_ppo needs epochs and minibatch_size of 1 or more and an entropy_scale above 0, "
            f"not {epochs}, {minibatch_size} and {entropy_scale}"
        )
    observations = NormalisedObservation(time_step_spec.observation, "ppo", robot)
    keras.utils.set_random_seed(seed)
    encoder = lambda: Encoder(
        observations.shapes, cnn_depth=cnn_depth, mlp_layers=2, mlp_units=units
    )
    networks = {
        "actor": actor_distribution_network.ActorDistributionNetwork(
            observations.spec,
            action_spec,
            preprocessing_combiner=encoder(),
            fc_layer_params=(units,),
        ),
        "critic": value_network.ValueNetwork(
            observations.spec, preprocessing_combiner=encoder(), fc_layer_params=(units,)
        ),
    }
    for net in networks.values():
        net.create_variables()
    optimizer = make_optimizer(
        [v for net in networks.values() for v in net.trainable_variables],
        learning_rate,
        epsilon=1e-5,
        clip_norm=clip_norm,
        weight_decay=0.0,
    )
    inner = ppo_clip_agent.PPOClipAgent(
        ts.time_step_spec(observations.spec),
        action_spec,
        optimizer=optimizer,
        actor_net=networks["actor"],
        value_net=networks["critic"],
        importance_ratio_clipping=ratio_clip,
        entropy_regularization=entropy_scale,
        num_epochs=1,  # they are ours: each in parts, and in another order
        normalize_rewards=False,
        normalize_observations=False,
        compute_value_and_advantage_in_train=False,
        update_normalizers_in_train=False,
        train_step_counter=tf.Variable(0, trainable=False, dtype=tf.int64, name="minibatches"),
    )
    return PpoAgent(
        time_step_spec,
        inner,
        networks,
        optimizer,
        observations,
        replay_step_spec(time_step_spec, action_spec),
        epochs=epochs,
        minibatch_size=minibatch_size,
        discount=discount,
        lambda_=lambda_,
        reward_scale=reward_scale,
        seed=seed,
    )
