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


def known_errors():
    truth = np.tile(np.arange(6, dtype=np.float32)[None, :, None], (3, 1, 2))
    return prediction_error.measure(KnownModel(), {"joints": truth}, context=2)


def test_errors_are_those_of_each_step_after_the_context():
    error = known_errors()["joints"]
    np.testing.assert_allclose(error.model, [0.5] * 4)
    np.testing.assert_allclose(error.stays, [1.0, 2.0, 3.0, 4.0])  # seen last: 1


def test_table_and_picture_are_written(tmp_path):
    prediction_error.write(tmp_path / "new", known_errors(), "a robot")
    lines = (tmp_path / "new" / "horizon.csv").read_text().splitlines()
    assert lines[0] == "observation,steps_ahead,model,stays"
    assert lines[1:3] == ["joints,1,0.500000,1.000000", "joints,2,0.500000,2.000000"]
    assert len(lines) == 5
    assert (tmp_path / "new" / "horizon.png").read_bytes().startswith(b"\x89PNG")


def tiny_a1_agent():
    registry.get("a1").factory()  # its gin names
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
