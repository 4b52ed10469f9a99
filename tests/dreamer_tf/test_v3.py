"""gin/v3.gin: what it sets arrives, trains, is saved, restored and exported."""

import numpy as np
import pytest
import tensorflow as tf
from tiny_core import make_batch, make_specs, shake

from dreamer_tf import checkpoints, config, trainer  # noqa: F401  trainer registers settings
from dreamer_tf.factory import make_agent
from dreamer_tf.layers.return_range import ReturnRange
from dreamer_tf.serving.world_model_signatures import save_world_model


def _agent(discrete=False, seed=0, *, preset="debug", specs=None):
    config.load(config.files_of_run("a1", [preset, "v3"]))
    return make_agent(*(specs or make_specs(discrete=discrete)), seed=seed)


def _state(agent):
    checkpoint = tf.train.Checkpoint(**agent.checkpoint_items())
    found = tf.train.TrackableView(checkpoint).descendants()
    return [(x.name, x.numpy()) for x in found if isinstance(x, tf.Variable)]


@pytest.mark.parametrize("discrete", [False, True])
def test_the_choices_arrive(discrete):
    agent = _agent(discrete, preset="small")
    model, behavior = agent.world_model, agent.behavior
    assert model.reward_head.kind == behavior.critic.kind == behavior.slow_critic.kind == "two_hot"
    assert behavior.critic.output_layer.kernel.shape == (128, 255)
    assert isinstance(behavior.return_range, ReturnRange) and behavior.advantage_moments is None
    assert behavior.gradient == "reinforce" and behavior.entropy_in_nats
    assert float(behavior.entropy_scale.scale) == np.float32(3e-4)
    assert behavior.entropy_scale.minimum == behavior.entropy_scale.maximum == 3e-4
    # 0.5 of the gradient moves the prior, 0.1 the posterior.
    share = model.kl_balance
    np.testing.assert_allclose([0.6 * share, 0.6 * (1 - share)], [0.5, 0.1], rtol=1e-6)
    assert model.kl_free_nats == 1.0 and model.kl_scale_range == (0.6, 0.6)


def test_it_trains_and_is_restored_with_its_scales(tmp_path, eagerly):
    first, second = _agent(), _agent(seed=7)
    for seed in range(2):
        metrics = first.train(make_batch(seed=seed)).extra
    assert all(np.isfinite(value) for value in metrics.values())
    np.testing.assert_allclose(metrics["behavior/actor_entropy_scale"], 3e-4, rtol=1e-6)
    np.testing.assert_allclose(metrics["model/kl_scale"], 0.6, rtol=1e-6)
    assert metrics["model/kl_loss"] >= 1.0
    assert first.behavior.return_range.weight > 0.0
    checkpoints.Checkpoints(tmp_path, first.checkpoint_items()).save(1, {})
    checkpoints.Checkpoints(tmp_path, second.checkpoint_items()).restore()
    saved = _state(first)
    for (name, value), (_, restored) in zip(saved, _state(second)):
        np.testing.assert_array_equal(restored, value, err_msg=name)
    assert len(saved) > 100
    assert any(name == first.behavior.return_range.weight.name for name, _ in saved)


@pytest.mark.slow
def test_an_exported_world_model_gives_numbers_not_logits(tmp_path):
    time_step_spec, action_spec = make_specs()
    agent = _agent(specs=(time_step_spec, action_spec))
    shake(agent.world_model, scale=0.3)
    save_world_model(agent.world_model, time_step_spec.observation, tmp_path)
    states = {
        "deter": tf.random.stateless_normal((2, 3, 16), (1, 1)),
        "stoch": tf.one_hot(tf.zeros((2, 3, 4), tf.int32), 4),
    }
    reward = tf.saved_model.load(str(tmp_path)).signatures["decode"](**states)["reward"]
    features = tf.concat([states["deter"], tf.reshape(states["stoch"], (2, 3, 16))], -1)
    assert reward.shape == (2, 3)
    expected = agent.world_model.reward_head.mean(features)
    np.testing.assert_allclose(reward, expected, rtol=1e-3, atol=1e-5)
