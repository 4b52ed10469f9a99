"""The world model: its losses and where their gradients go, training, precision, prediction."""

import numpy as np
import pytest
import tensorflow as tf
from tiny_core import IMAGE, VECTORS, make_batch, make_world_model, shake

from dreamer_tf.math.random import make_seed
from dreamer_tf.optimizers import make_optimizer

SEED = make_seed(0, 1)
BOTH = {**IMAGE, **VECTORS}


def _parts(model):
    rssm = model.rssm
    expected = model.expected_picture
    return {
        **({} if expected is None else {"expected_picture": expected.trainable_weights}),
        "encoder": model.encoder.trainable_weights,
        "recurrent": [*rssm.input_layer.weights, *rssm.gru.weights],
        "initial": [rssm.initial_deter],
        "prior": [*rssm.prior_layer.weights, *rssm.prior_logits.weights],
        "posterior": [*rssm.posterior_layer.weights, *rssm.posterior_logits.weights],
        "decoder": model.decoder.trainable_weights,
        "reward_head": model.reward_head.trainable_weights,
        "continue_head": model.continue_head.trainable_weights,
    }


@pytest.mark.parametrize("expect_pictures", [False, True])
def test_parts_are_all_there_is(expect_pictures):
    model = make_world_model(BOTH, expect_pictures=expect_pictures)
    counted = [id(weight) for weights in _parts(model).values() for weight in weights]
    assert sorted(counted) == sorted(id(weight) for weight in model.trainable_variables)


@pytest.mark.parametrize("expect_pictures", [False, True])
def test_which_losses_reach_which_weights(expect_pictures):
    model = make_world_model(BOTH, expect_pictures=expect_pictures)
    shake(model)
    batch = make_batch(BOTH)
    with tf.GradientTape(persistent=True) as tape:
        losses, _ = model.losses_of(batch, model.observe(batch, SEED))
    filters = {"encoder", "recurrent", "initial", "posterior"}
    expected = {
        "image": filters | {"decoder"},
        "imu": filters | {"decoder"},
        "speed": filters | {"decoder"},
        "reward": filters | {"reward_head"},
        "continue": filters | {"continue_head"},
        "kl": filters | {"prior"},
    }
    if expect_pictures:
        expected["expected_picture"] = {"expected_picture"}
    assert set(losses) == set(expected)
    for name, loss in losses.items():
        count = 1 if name == "expected_picture" else 3  # a share of the sequences
        assert loss.shape == (count, 4) and loss.dtype == tf.float32
        reached = set()
        for part, weights in _parts(model).items():
            gradients = tape.gradient(loss, weights)
            if any(g is not None and np.any(g.numpy() != 0) for g in gradients):
                reached.add(part)
        assert reached == expected[name], name


def test_loss_is_the_sum_of_means_with_a_scaled_kl():
    model = make_world_model()
    batch = make_batch()
    losses, divergence = model.losses_of(batch, model.observe(batch, SEED))
    optimizer = make_optimizer(model.trainable_variables)
    _, metrics = model.update(batch, SEED, optimizer)
    others = sum(np.mean(loss) for name, loss in losses.items() if name != "kl")
    np.testing.assert_allclose(metrics["kl_scale"], 0.1)
    np.testing.assert_allclose(metrics["kl"], np.mean(divergence), rtol=1e-5)
    np.testing.assert_allclose(metrics["loss"], others + 0.1 * np.mean(divergence), rtol=1e-5)


def test_scale_of_the_kl_follows_its_target():
    batch, scales = make_batch(), {}
    for target in (1e-6, 100.0):
        model = make_world_model(kl_target=target)
        model.update(batch, SEED, make_optimizer(model.trainable_variables))
        scales[target] = float(model.kl_scale.scale)
    np.testing.assert_allclose([scales[1e-6], scales[100.0]], [0.1 * 1.1, 0.1 / 1.1], rtol=1e-5)


def test_free_nats_hold_the_kl_up_and_a_fixed_scale_stays():
    model = make_world_model(
        kl_free_nats=50.0, kl_balance=5 / 6, kl_scale_initial=0.6, kl_scale_range=(0.6, 0.6)
    )
    shake(model)
    batch = make_batch()
    with tf.GradientTape() as tape:
        losses, divergence = model.losses_of(batch, model.observe(batch, SEED))
    assert np.all(divergence < 50.0) and np.all(divergence > 0.0)
    np.testing.assert_allclose(losses["kl"], np.full((3, 4), 50.0), rtol=1e-5)
    assert all(
        np.all(gradient.numpy() == 0.0)
        for gradient in tape.gradient(losses["kl"], model.rssm.trainable_weights)
        if gradient is not None
    )
    _, metrics = model.update(batch, SEED, make_optimizer(model.trainable_variables))
    np.testing.assert_allclose(metrics["kl"], np.mean(divergence), rtol=1e-4)
    np.testing.assert_allclose([metrics["kl_scale"], model.kl_scale.scale], 0.6, rtol=1e-6)
    assert type(model).from_config(model.get_config()).kl_free_nats == 50.0


def test_update_moves_every_weight_and_gives_states_without_gradient():
    model = make_world_model()
    shake(model)
    before = [weight.numpy() for weight in model.trainable_variables]
    with tf.GradientTape() as tape:
        observed, metrics = model.update(
            make_batch(), SEED, make_optimizer(model.trainable_variables)
        )
        outside = tf.reduce_sum(observed.state.deter)
    assert tape.gradient(outside, model.rssm.initial_deter) is None
    for old, weight in zip(before, model.trainable_variables):
        assert np.any(old != weight.numpy()), weight.name
    assert all(value.shape == () and np.isfinite(value) for value in metrics.values())


def test_only_kernels_decay():
    model = make_world_model()
    shake(model)
    variables = model.trainable_variables
    before = [weight.numpy() for weight in variables]
    optimizer = make_optimizer(variables, 0.5, weight_decay=0.1)
    optimizer.apply_gradients([(tf.zeros_like(weight), weight) for weight in variables])
    for old, weight in zip(before, variables):
        factor = 0.95 if "kernel" in weight.name else 1.0
        np.testing.assert_allclose(weight, old * factor, rtol=1e-5)


def _train(model, batch, updates, learning_rate):
    """Losses of all updates, compiled."""
    scaled = model.encoder.dtype_policy.name == "mixed_float16"
    optimizer = make_optimizer(model.trainable_variables, learning_rate, loss_scaling=scaled)

    @tf.function(autograph=False)
    def update(count):
        return model.update(batch, make_seed(0, count), optimizer)[1]

    history = [update(tf.constant(i)) for i in range(updates)]
    return {name: np.array([m[name] for m in history]) for name in history[0]}


def test_overfits_one_batch_of_pictures_and_vectors():
    batch = make_batch(BOTH, batch=2)
    stripes = np.zeros((2, 4, 64, 64, 3), np.uint8)
    for b in range(2):
        for t in range(4):
            stripes[b, t, 16 * t : 16 * t + 16, :, b] = 200
    batch["image"] = tf.constant(stripes)
    losses = _train(make_world_model(BOTH, size=24), batch, 150, 5e-3)
    first = {name: values[:5].mean() for name, values in losses.items()}
    last = {name: values[-5:].mean() for name, values in losses.items()}
    assert last["image_loss"] < 0.1 * first["image_loss"]
    assert last["imu_loss"] < 0.1 * first["imu_loss"]
    assert last["speed_loss"] < 0.2 * first["speed_loss"]
    assert last["reward_loss"] < 0.2 * first["reward_loss"]
    assert last["continue_loss"] < 0.2 * first["continue_loss"]


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_trains(precision):
    model = make_world_model(precision=precision)
    losses = _train(model, make_batch(), 60, 1e-2)
    assert np.all(np.isfinite(losses["loss"]))
    assert losses["imu_loss"][-5:].mean() < 0.3 * losses["imu_loss"][:5].mean()
    assert all(weight.dtype == tf.float32 for weight in model.weights)


def test_same_seed_gives_the_same_model_and_draws():
    first, second, other = make_world_model(seed=3), make_world_model(seed=3), make_world_model()
    for a, b in zip(first.get_weights(), second.get_weights()):
        np.testing.assert_array_equal(a, b)
    assert any(np.any(a != b) for a, b in zip(first.get_weights(), other.get_weights()))
    batch = make_batch()
    stochs = [model(batch).state.stoch.numpy() for model in (first, second)]
    np.testing.assert_array_equal(*stochs)


def test_pictures_are_read_in_0_to_1():
    batch = make_batch(BOTH)
    observation = make_world_model(BOTH).observation(batch)
    np.testing.assert_allclose(observation["image"], batch["image"].numpy() / 255.0, rtol=1e-6)
    np.testing.assert_array_equal(observation["imu"], batch["imu"])
    assert set(observation) == set(BOTH)


@pytest.mark.parametrize("expect_pictures", [False, True])
def test_open_loop_looks_only_at_the_context(expect_pictures):
    model = make_world_model(BOTH, expect_pictures=expect_pictures)
    shake(model)
    batch, blind = make_batch(BOTH), make_batch(BOTH, seed=5)
    blind = {k: tf.concat([batch[k][:, :2], blind[k][:, 2:]], 1) for k in batch}
    blind.update(prev_action=batch["prev_action"])
    seen, unseen = model.open_loop(batch, 2), model.open_loop(blind, 2)
    for key in BOTH:
        truth, prediction = seen[key]
        assert truth.dtype == prediction.dtype == tf.float32
        assert truth.shape == prediction.shape == batch[key].shape
        np.testing.assert_array_equal(prediction, unseen[key][1])
        np.testing.assert_allclose(truth, model.observation(batch)[key])
    states = model.observe({k: v[:, :2] for k, v in batch.items()}, make_seed(0)).state
    means = model.decode(states.features())
    np.testing.assert_allclose(seen["imu"][1][:, :2], means["imu"], rtol=1e-4, atol=1e-5)
    last = tf.nest.map_structure(lambda x: x[:, -1], states)
    step = model.rssm.imagine_step(last, batch["prev_action"][:, 2], None)
    for key, expected in model.decode(step.features()).items():
        np.testing.assert_allclose(seen[key][1][:, 2], expected, rtol=1e-4, atol=1e-5)


def test_pictures_are_decoded_upon_what_is_expected_of_the_decoded_vectors():
    model = make_world_model(BOTH, expect_pictures=True)
    shake(model)
    batch = make_batch(BOTH)
    model.centring.update(model.observation(batch))
    features = model.observe(batch, SEED).state.features()
    decoded = model.decode(features)
    expected = model.expected_picture({key: decoded[key] for key in VECTORS})["image"]
    own = model.decoder.picture_logits(features)["image"]
    np.testing.assert_allclose(decoded["image"], tf.sigmoid(own + expected), atol=1e-5)
    # While it learns, what is expected of the true vectors is taken out.
    expected = model.expected_picture(model.observation(batch))["image"]
    error = tf.sigmoid(own + expected) - model.observation(batch)["image"]
    losses, _ = model.losses_of(batch, model.observe(batch, SEED))
    np.testing.assert_allclose(losses["image"], np.sum(error**2, (2, 3, 4)), rtol=1e-3)


def test_one_update_is_the_same_with_what_is_expected_at_hand():
    """`update` computes expected pictures once; its losses are those of the plain formulation."""
    model, batch = make_world_model(BOTH, expect_pictures=True), make_batch(BOTH)
    shake(model)
    model.centring.update(model.observation(batch))
    before = model.get_weights()
    with tf.GradientTape() as tape:
        losses, divergence = model.losses_of(batch, model.observe(batch, SEED))
        loss = sum(map(tf.reduce_mean, losses.values())) - 0.9 * tf.reduce_mean(losses["kl"])
    norm = tf.linalg.global_norm(tape.gradient(loss, model.trainable_variables))
    model.set_weights(before)
    model.centring.update = lambda observation: None  # it was already
    _, metrics = model.update(batch, SEED, make_optimizer(model.trainable_variables))
    np.testing.assert_allclose(metrics["loss"], loss, rtol=1e-5)
    np.testing.assert_allclose(metrics["grad_norm"], norm, rtol=1e-4)
    assert float(metrics["expected_picture_loss"]) > 0


@pytest.mark.parametrize("context_steps", [0, 4])
def test_open_loop_refuses_a_context_that_leaves_nothing(context_steps):
    with pytest.raises(ValueError, match="context_steps must be in 1..3"):
        make_world_model().open_loop(make_batch(), context_steps)
