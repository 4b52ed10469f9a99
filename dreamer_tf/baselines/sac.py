"""Makes soft actor-critic; gin sets the rest."""

from __future__ import annotations

from typing import Sequence

import gin
import keras
import tensorflow as tf
from tf_agents.agents.ddpg import critic_network
from tf_agents.agents.sac import sac_agent, tanh_normal_projection_network
from tf_agents.networks import actor_distribution_network
from tf_agents.specs import tensor_spec
from tf_agents.trajectories import time_step as ts
from tf_agents.utils import tensor_normalizer

from dreamer_tf.baselines.continuous_actions import check_continuous
from dreamer_tf.baselines.sac_agent import SacAgent
from dreamer_tf.baselines.vector_observation import VectorObservation
from dreamer_tf.replay.step_spec import replay_step_spec


@gin.configurable(denylist=["time_step_spec", "action_spec", "robot", "seed"])
def make_sac(
    time_step_spec: ts.TimeStep,
    action_spec,
    *,
    robot: str,
    seed: int,
    units: Sequence[int] = (256, 256),
    learning_rate: float = 3e-4,
    discount: float = 0.99,
    target_update_rate: float = 0.005,
    reward_scale: float = 1.0,
) -> SacAgent:
    """Makes the agent (Haarnoja et al., arXiv 1812.05905) with TF-Agents' networks.

    Args:
      time_step_spec: of the environment; vectors only.
      action_spec: continuous (A,) in [-1, 1].
      robot: for messages.
      seed: of weights and sampling.
      units: of the hidden layers of actor and critics.
      learning_rate: of Adam, for actor, critics and temperature.
      discount: gamma.
      target_update_rate: tau, of the target critics an update.
      reward_scale: what a reward is multiplied by.

    Returns:
      The agent, with all variables made.

    Raises:
      UserError: actions are discrete or an observation is a picture.
    """
    time_step_spec = tensor_spec.from_spec(time_step_spec)
    action_spec = tensor_spec.from_spec(action_spec)
    check_continuous("sac", robot, action_spec)
    vectors = VectorObservation(time_step_spec.observation)
    keras.utils.set_random_seed(seed)
    spec = tf.TensorSpec((vectors.size,), tf.float32, name="vectors")
    optimizers = [_adam(learning_rate) for _ in range(3)]
    inner = sac_agent.SacAgent(
        ts.time_step_spec(spec),
        action_spec,
        critic_network=critic_network.CriticNetwork(
            (spec, action_spec),
            joint_fc_layer_params=tuple(units),
            kernel_initializer="glorot_uniform",
            last_kernel_initializer="glorot_uniform",
        ),
        actor_network=actor_distribution_network.ActorDistributionNetwork(
            spec,
            action_spec,
            fc_layer_params=tuple(units),
            continuous_projection_net=tanh_normal_projection_network.TanhNormalProjectionNetwork,
        ),
        actor_optimizer=optimizers[0],
        critic_optimizer=optimizers[1],
        alpha_optimizer=optimizers[2],
        target_update_tau=target_update_rate,
        td_errors_loss_fn=tf.math.squared_difference,
        gamma=discount,
        reward_scale_factor=reward_scale,
        train_step_counter=tf.Variable(0, trainable=False, dtype=tf.int64, name="train_step"),
    )
    inner.initialize()
    critics = [*inner._critic_network_1.trainable_variables,
               *inner._critic_network_2.trainable_variables]
    for optimizer, variables in zip(
        optimizers, (inner._actor_network.trainable_variables, critics, [inner._log_alpha])
    ):
        optimizer._create_all_weights(variables)
    return SacAgent(
        time_step_spec,
        inner,
        vectors,
        tensor_normalizer.StreamingTensorNormalizer(spec),
        replay_step_spec(time_step_spec, action_spec),
        seed,
    )


def _adam(learning_rate: float) -> keras.optimizers.Optimizer:
    # The kind that TF-Agents converts any other to. It makes its variables at the first update,
    # too late for a checkpoint to find them: the caller makes them before.
    return keras.optimizers.legacy.Adam(learning_rate)
