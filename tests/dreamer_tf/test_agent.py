"""The agent: one compiled step, the same every time, and the same after a restore."""

import numpy as np
import pytest
import tensorflow as tf
from tiny_core import make_agent, make_batch

BATCHES = [make_batch(seed=seed) for seed in range(4)]


def _variables(agent):
    """All numbers that a checkpoint would hold, each with its name."""
    checkpoint = tf.train.Checkpoint(**agent.checkpoint_items())
    objects = tf.train.TrackableView(checkpoint).descendants()
    return [(x.name, x.numpy()) for x in objects if isinstance(x, tf.Variable)]


def _assert_same(first, second):
    """The same but for rounding.

    About one update in a thousand, on a busy machine, TensorFlow's threads add numbers up in
    another order, within one compiled step too. What a checkpoint forgets changes far more.
    """
    assert len(first) == len(second) > 100
    for (name, a), (_, b) in zip(first, second):
        atol = 1e-4 * np.max(np.abs(b))
        np.testing.assert_allclose(a, b, rtol=0.0, atol=atol, err_msg=name)


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    """Variables after each of four updates, loss info of the last, the agent, its checkpoints.

    A checkpoint is written before the first update and one after the second.
    """
    agent = make_agent()
    paths, after = [], []
    for number, batch in enumerate(BATCHES):
        if number in (0, 2):
            prefix = str(tmp_path_factory.mktemp("agent") / "weights")
            paths.append(tf.train.Checkpoint(**agent.checkpoint_items()).write(prefix))
        info = agent.train(batch)
        after.append(_variables(agent))
    return after, info, agent, paths


def test_a_restored_agent_goes_on_the_same_and_anew_with_the_same_seed(uninterrupted):
    """One agent for both, as compiling its step takes longer than everything else here."""
    after, _, _, (start, middle) = uninterrupted
    other = make_agent(seed=7)
    other.seed = 0  # the seed is a setting, not a part of the checkpoint
    tf.train.Checkpoint(**other.checkpoint_items()).read(middle).assert_consumed()
    for batch in BATCHES[2:]:
        other.train(batch)
    _assert_same(_variables(other), after[3])
    tf.train.Checkpoint(**other.checkpoint_items()).read(start).assert_consumed()
    _assert_same(_variables(other), _variables(make_agent()))
    for batch in BATCHES[:3]:
        other.train(batch)
    _assert_same(_variables(other), after[2])


def test_another_seed_gives_other_weights():
    first, second, other = (_variables(make_agent(seed=seed)) for seed in (0, 0, 1))
    _assert_same(first, second)
    assert any(np.any(a != b) for (_, a), (_, b) in zip(first, other))


def test_train_step_is_traced_once_and_counts(uninterrupted):
    _, _, agent, _ = uninterrupted
    assert agent._compiled_step.experimental_get_tracing_count() == 1
    assert int(agent.train_step_counter) == 4


def test_metrics_are_finite_scalars(uninterrupted):
    _, info, _, _ = uninterrupted
    assert info.loss.shape == () and np.isfinite(info.loss)
    assert np.array_equal(info.loss, info.extra["model/loss"])
    expected = {"model/imu_loss", "model/kl", "behavior/actor_loss", "behavior/value_error"}
    assert expected <= set(info.extra)
    for name, value in info.extra.items():
        assert value.shape == () and np.isfinite(value), name


def test_every_part_learns(uninterrupted):
    after, _, agent, _ = uninterrupted
    fresh = make_agent()
    for part in ("world_model", "behavior"):
        old, new = getattr(fresh, part), getattr(agent, part)
        for a, b in zip(old.trainable_variables, new.trainable_variables):
            if "slow_critic" not in a.name:
                assert np.any(a.numpy() != b.numpy()), a.name


def test_weights_are_refused():
    with pytest.raises(ValueError, match="leave weights out"):
        make_agent()._train(BATCHES[0], weights=tf.ones([3]))


def test_open_loop_gives_truth_and_prediction(uninterrupted):
    _, _, agent, _ = uninterrupted
    result = agent.open_loop(BATCHES[0], 2)
    assert set(result) == {"imu", "speed"}
    for key, (truth, prediction) in result.items():
        np.testing.assert_allclose(truth, BATCHES[0][key])
        assert prediction.shape == truth.shape


@pytest.mark.parametrize("discrete", [False, True])
def test_specs(discrete):
    agent = make_agent(discrete=discrete)
    assert agent.num_discrete_actions == (2 if discrete else None)
    assert set(agent.replay_signature) == set(BATCHES[0])
    for key, spec in agent.replay_signature.items():
        assert BATCHES[0][key].shape[2:] == spec.shape and BATCHES[0][key].dtype == spec.dtype
    state = agent.policy.get_initial_state(2)
    assert state["prev_action"].shape == (2, 2)


def test_half_precision_agent_trains():
    agent = make_agent(precision="mixed_float16", gradient="reinforce")
    losses = [float(agent.train(BATCHES[0]).extra["model/imu_loss"]) for _ in range(30)]
    assert np.all(np.isfinite(losses)) and losses[-1] < losses[0]
    assert all(np.all(np.isfinite(value)) for _, value in _variables(agent))
