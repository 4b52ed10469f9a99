"""The comparison of a world model with 'stays as it is'."""

import numpy as np
import pytest
import tensorflow as tf

from dreamer_tf import config, prediction_error
from dreamer_tf.errors import UserError
from dreamer_tf.factory import make_agent
from dreamer_tf.trainer import Trainer  # noqa: F401  the gin files name it
from robot_envs import registry


class KnownModel:
    """Its truth counts the steps; its prediction is off by .5 after the context."""

    def open_loop(self, batch, context_steps):
        truth = batch["joints"]
        late = tf.cast(tf.range(truth.shape[1]) >= context_steps, tf.float32)
        return {"joints": (truth, truth + 0.5 * late[None, :, None])}


def test_errors_are_taken_at_the_last_step():
    truth = np.tile(np.arange(6, dtype=np.float32)[None, :, None], (3, 1, 2))
    error = prediction_error.measure(KnownModel(), {"joints": truth}, context=2)["joints"]
    assert error.model == pytest.approx(0.5)
    assert error.stays == pytest.approx(4.0)  # seen last: 1, true at the end: 5


def tiny_a1_agent():
    config.load(config.files_of_run("a1", ["debug"]))
    env = registry.make("a1", seed=0)
    try:
        return make_agent(env.time_step_spec(), env.action_spec(), seed=0)
    finally:
        env.close()


def test_fresh_sequences_do_not_span_episodes():
    sequences = prediction_error.record("a1", tiny_a1_agent(), episodes=1, length=20, seed=3)
    assert sequences["joint_angles"].shape == (12, 20, 12)  # 251 steps of an episode
    assert sequences["is_first"].sum() == 1 and sequences["is_first"][0, 0]
    assert np.all(sequences["prev_action"][0, 0] == 0.0)
    assert np.abs(sequences["prev_action"][0, 1:]).max() > 0.0


def test_sequences_longer_than_an_episode_are_refused():
    with pytest.raises(UserError, match="shorter"):
        prediction_error.record("a1", tiny_a1_agent(), episodes=1, length=300, seed=3)
