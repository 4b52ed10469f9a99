"""The policy of DrQ-v2, which remembers the last pictures."""

from __future__ import annotations

from typing import Optional, Tuple

import keras
import tensorflow as tf
from tf_agents.policies import tf_policy
from tf_agents.trajectories import policy_step
from tf_agents.trajectories import time_step as ts

from dreamer_tf.baselines.frame_stack import push_frame
from dreamer_tf.baselines.noise_schedule import linear_schedule
from dreamer_tf.math.random import make_seed


class DrqV2Policy(tf_policy.TFPolicy):
    """Mean actions, with Gaussian noise that dwindles when it collects.

    Policy state: ``frames`` (B, height, width, C) as the encoder takes them.

    Args:
      time_step_spec: of the environment.
      action_spec: continuous (A,) in [-1, 1].
      encoder: of stacked pictures.
      actor: of their embedding.
      key: of the picture in the observation.
      noise: first and last standard deviation and the steps between them; None for no noise.
      seed: of the noise.
    """

    def __init__(
        self,
        time_step_spec: ts.TimeStep,
        action_spec: tf.TypeSpec,
        encoder: keras.Model,
        actor: keras.Model,
        key: str,
        noise: Optional[Tuple[float, float, int]],
        seed: int,
    ):
        picture = time_step_spec.observation[key]
        frames = tf.TensorSpec(encoder.input_shape[1:], picture.dtype, name="frames")
        super().__init__(
            time_step_spec, action_spec, policy_state_spec={"frames": frames}, clip=False
        )
        self._encoder, self._actor, self._key = encoder, actor, key
        self._noise, self._seed = noise, seed
        # Counts the steps of the collecting policy: the schedule of its noise and its draws.
        self.draw_count = tf.Variable(0, trainable=False, dtype=tf.int64, name="draw_count")

    def noise_scale(self) -> tf.Tensor:
        """Returns the standard deviation of the next step, ()."""
        if self._noise is None:
            return tf.constant(0.0)
        return linear_schedule(self.draw_count, self._noise[:2], self._noise[2])

    def _variables(self):
        return [*self._encoder.variables, *self._actor.variables]

    def _action(self, time_step, policy_state, seed):
        del seed  # Randomness is a function of the policy's own seed and count.
        frames = push_frame(
            policy_state["frames"], time_step.observation[self._key], time_step.is_first()
        )
        action = self._actor(self._encoder(frames))
        if self._noise is not None:
            noise = tf.random.stateless_normal(
                tf.shape(action), make_seed(self._seed, self.draw_count)
            )
            action = tf.clip_by_value(action + self.noise_scale() * noise, -1.0, 1.0)
            self.draw_count.assign_add(1)
        return policy_step.PolicyStep(action, {"frames": frames}, ())

    def _distribution(self, time_step, policy_state):
        raise NotImplementedError("DrqV2Policy acts by action()")
