"""What heads, decoder and actor show to the outside agrees with what they learn by."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from dreamer_tf.layers.actor import Actor
from dreamer_tf.layers.continue_head import ContinueHead
from dreamer_tf.layers.critic import Critic
from dreamer_tf.layers.decoder import Decoder
from dreamer_tf.layers.encoder import Encoder
from dreamer_tf.layers.reward_head import RewardHead
from dreamer_tf.math.symlog import symexp, symlog

B, T, F = 2, 3, 6
FEATURES = tf.random.stateless_normal((B, T, F), (1, 1))
HALF_LOG_PI = 0.5 * np.log(np.pi)


def _built(layer):
    keras.utils.set_random_seed(0)
    layer.build()
    random = np.random.RandomState(0)
    for weight in layer.weights:
        weight.assign_add(random.normal(0.0, 0.3, weight.shape))
    return layer


@pytest.mark.parametrize("head_class", [RewardHead, Critic])
def test_symlog_heads(head_class):
    head = _built(head_class(F, layers=1, units=4))
    target = tf.constant([[0.0, 3.0, -50.0], [1.0, -0.2, 700.0]])
    loss = head.loss_of(FEATURES, target)
    np.testing.assert_allclose(loss, (head(FEATURES) - symlog(target)) ** 2, rtol=1e-5)
    distribution = head.distribution(FEATURES)
    # A density of y is that of symlog(y) times the slope 1 / (1 + |y|).
    expected = -loss - HALF_LOG_PI - np.log1p(np.abs(target))
    np.testing.assert_allclose(distribution.log_prob(target), expected, rtol=1e-4)
    np.testing.assert_allclose(head.mean(FEATURES), distribution.quantile(0.5), rtol=1e-4)


@pytest.mark.parametrize("head_class", [RewardHead, Critic])
def test_two_hot_heads(head_class):
    head = _built(head_class(F, layers=1, units=4, kind="two_hot"))
    bins = np.linspace(-20.0, 20.0, 255)
    probs = tf.nn.softmax(head(FEATURES)).numpy().astype(np.float64)
    mean_bin = np.sum(probs * bins, -1)
    expected = np.sign(mean_bin) * np.expm1(np.abs(mean_bin))
    np.testing.assert_allclose(head.mean(FEATURES), expected, rtol=1e-3)
    # Of a number that is a bin itself the loss is that bin's negative log-likelihood.
    index = np.array([[127, 130, 100], [140, 126, 0]])
    target = np.sign(bins[index]) * np.expm1(np.abs(bins[index]))
    loss = head.loss_of(FEATURES, tf.constant(target, tf.float32))
    chosen = np.take_along_axis(probs, index[..., None], -1)[..., 0]
    np.testing.assert_allclose(loss, -np.log(chosen), rtol=1e-3)
    shown = head.distribution(FEATURES)
    assert shown.batch_shape == (B, T)
    np.testing.assert_allclose(shown.outcomes[127:131], symexp(bins[127:131]), atol=1e-5)
    np.testing.assert_allclose(shown.probs_parameter(), probs, rtol=1e-4)


@pytest.mark.parametrize("head_class", [RewardHead, Critic])
def test_an_untrained_two_hot_head_predicts_zero(head_class):
    head = head_class(F, layers=1, units=4, kind="two_hot")
    head.build()
    np.testing.assert_allclose(head.mean(FEATURES), np.zeros((B, T)), atol=1e-5)


def test_a_two_hot_head_learns_the_mean_of_what_it_sees():
    head = RewardHead(1, layers=1, units=4, kind="two_hot")
    keras.utils.set_random_seed(0)
    head.build()
    features = tf.constant([[1.0], [1.0], [-1.0]])
    target = tf.constant([3.0, 1.0, -40.0])
    optimizer = keras.optimizers.Adam(0.03, epsilon=1e-6)

    @tf.function
    def update():
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(head.loss_of(features, target))
        gradients = tape.gradient(loss, head.trainable_weights)
        optimizer.apply_gradients(zip(gradients, head.trainable_weights))

    for _ in range(300):
        update()
    between = symexp(tf.reduce_mean(symlog(target[:2])))
    np.testing.assert_allclose(head.mean(features), [between, between, -40.0], rtol=0.02)


def test_symlog_heads_refuse_an_unknown_kind():
    with pytest.raises(ValueError, match="two_hot"):
        RewardHead(F, kind="three_hot")


@pytest.mark.parametrize("head_class", [RewardHead, Critic, ContinueHead])
def test_untrained_heads_say_nothing(head_class):
    head = head_class(F, layers=1, units=4)
    head.build()
    np.testing.assert_array_equal(head(FEATURES), np.zeros((B, T)))


def test_continue_head():
    head = _built(ContinueHead(F, layers=1, units=4))
    target = tf.constant([[0.0, 1.0, 1.0], [1.0, 0.0, 1.0]])
    distribution = head.distribution(FEATURES)
    np.testing.assert_allclose(
        head.loss_of(FEATURES, target), -distribution.log_prob(target), rtol=1e-4
    )
    np.testing.assert_allclose(head.mean(FEATURES), distribution.mean(), rtol=1e-5)


@pytest.mark.parametrize("symlog_vectors", [False, True])
def test_decoder(symlog_vectors):
    shapes = {"image": (64, 64, 3), "imu": (4,), "speed": ()}
    decoder = _built(
        Decoder(shapes, F, cnn_depth=2, mlp_layers=1, mlp_units=4, symlog_vectors=symlog_vectors)
    )
    target = {
        "image": tf.random.stateless_uniform((B, T, 64, 64, 3), (2, 1)),
        "imu": 5.0 * tf.random.stateless_normal((B, T, 4), (2, 2)),
        "speed": tf.random.stateless_normal((B, T), (2, 3)),
    }
    losses = decoder.losses_of(FEATURES, target)
    outputs, means = decoder(FEATURES), decoder.mean(FEATURES)
    assert np.all(means["image"] >= 0) and np.all(means["image"] <= 1)
    for key, distribution in decoder.distribution(FEATURES).items():
        squash = symlog if symlog_vectors and key != "image" else tf.identity
        truth = squash(target[key])
        axes = tuple(range(2, len(truth.shape)))
        error = np.sum((outputs[key].numpy() - truth) ** 2, axes)
        np.testing.assert_allclose(losses[key], error, rtol=1e-4)
        slope = np.sum(np.log1p(np.abs(target[key])), axes) if squash is symlog else 0.0
        size = int(np.prod(shapes[key]))
        expected = -error - size * HALF_LOG_PI - slope
        np.testing.assert_allclose(distribution.log_prob(target[key]), expected, rtol=1e-3)
        np.testing.assert_allclose(squash(means[key]), outputs[key], rtol=1e-4, atol=1e-5)


def test_a_large_error_of_a_picture_weighs_more():
    shapes = {"image": (64, 64, 3), "imu": (4,)}
    target = {
        "image": tf.random.stateless_uniform((B, T, 64, 64, 3), (2, 1)),
        "imu": tf.random.stateless_normal((B, T, 4), (2, 2)),
    }
    decoder = _built(Decoder(shapes, F, cnn_depth=2, mlp_units=4, large_error_weight=3.0))
    losses, outputs = decoder.losses_of(FEATURES, target), decoder(FEATURES)
    error = (outputs["image"] - target["image"]).numpy() ** 2
    np.testing.assert_allclose(losses["image"], np.sum(error + 3 * error**2, (2, 3, 4)), rtol=1e-4)
    error = (outputs["imu"] - target["imu"]).numpy() ** 2
    np.testing.assert_allclose(losses["imu"], np.sum(error, 2), rtol=1e-4)


def test_pictures_are_added_to_what_is_expected_of_vectors():
    decoder = _built(Decoder({"image": (64, 64, 3), "imu": (4,)}, F, cnn_depth=2, mlp_units=4))
    own, vectors = decoder.picture_logits(FEATURES)["image"], decoder(FEATURES)["imu"]
    asked = []

    def expect(predicted):
        asked.append(predicted)
        return {"image": tf.fill([B, T, 64, 64, 3], 0.7)}

    outputs = decoder.mean(FEATURES, expect)
    np.testing.assert_allclose(outputs["image"], tf.sigmoid(own + 0.7), rtol=1e-5)
    np.testing.assert_array_equal(outputs["imu"], vectors)
    np.testing.assert_array_equal(asked[0]["imu"], vectors)
    target = {"image": outputs["image"], "imu": vectors + 1.0}
    losses = decoder.losses_of(FEATURES, target, expect({}))
    np.testing.assert_allclose(losses["image"], np.zeros((B, T)), atol=1e-6)
    np.testing.assert_allclose(losses["imu"], np.full((B, T), 4.0), rtol=1e-4)


def test_pictures_share_the_convolutions_and_get_their_own_channels_back():
    shapes = {"front": (64, 64, 3), "depth": (64, 64, 1)}
    encoder = Encoder(shapes, cnn_depth=2)
    encoder.build()
    assert encoder.convs[0].kernel.shape[2] == 4
    decoder = Decoder(shapes, F, cnn_depth=2)
    decoder.build()
    outputs = decoder(FEATURES)
    assert {key: tuple(x.shape[2:]) for key, x in outputs.items()} == shapes


@pytest.mark.parametrize(
    "shapes, words",
    [
        ({}, "nothing to encode"),
        ({"image": (32, 32, 3)}, "'image' must be 64 x 64"),
        ({"imu": (4,), "map": (5, 5)}, "'map'"),
    ],
)
def test_encoder_refuses_what_it_cannot_encode(shapes, words):
    with pytest.raises(ValueError, match=words):
        Encoder(shapes)


@pytest.mark.parametrize(
    "keywords",
    [
        {"discrete": True},
        {"discrete": False},
        {"discrete": False, "continuous_kind": "truncated_normal"},
    ],
)
def test_actor_shows_the_distribution_that_it_draws_from(keywords):
    actor = _built(Actor(F, 3, layers=1, units=4, **keywords))
    plain, shown = actor(FEATURES), actor.distribution(FEATURES)
    sample = plain.sample(actor.noise((B, T, 3), tf.constant([1, 2])))
    assert shown.batch_shape == (B, T) and shown.event_shape == (3,)
    np.testing.assert_allclose(plain.log_prob(sample), shown.log_prob(sample), rtol=1e-3)
    np.testing.assert_allclose(plain.entropy(), shown.entropy(), rtol=1e-3, atol=1e-4)


def test_actor_stays_inside_its_limits():
    actor = _built(Actor(F, 2, False, layers=1, units=4, min_std=0.2, max_std=0.6))
    extreme = actor(1e3 * tf.random.stateless_normal((500, F), (4, 1)))
    assert np.all(extreme.std >= 0.2) and np.all(extreme.std <= 0.6)
    assert np.all(np.abs(extreme.mean) <= 1.0)
    mixed = _built(Actor(F, 4, True, layers=1, units=4, unimix=0.1))
    assert np.all(mixed(1e3 * FEATURES).probs >= 0.1 / 4 - 1e-6)


def test_actor_refuses_an_unknown_kind():
    with pytest.raises(ValueError, match="truncated_normal"):
        Actor(F, 2, False, continuous_kind="laplace")
