"""Plain distributions against TFP's."""

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp

from dreamer_tf.math.distributions import (
    ClippedNormal,
    OneHot,
    TruncatedNormal,
    clip_straight_through,
    one_hot_mode,
    one_hot_sample,
    unimix,
)
from dreamer_tf.math.random import race_noise

tfd = tfp.distributions
MIN_STD, MAX_STD = 0.1, 1.0


def _normal_parameters(shape=(5, 3), dtype=tf.float32):
    mean = tf.random.stateless_uniform(shape, (1, 1), -0.95, 0.95, dtype)
    std = tf.random.stateless_uniform(shape, (1, 2), MIN_STD, MAX_STD, dtype)
    return mean, std


def _probs(shape=(5, 4)):
    return unimix(2.0 * tf.random.stateless_normal(shape, (1, 3)), 0.1)


def test_unimix_mixes_in_the_uniform_distribution():
    logits = tf.constant([[0.0, 50.0, 0.0, 0.0], [1.0, 2.0, 3.0, 4.0]])
    probs = unimix(logits, 0.1)
    np.testing.assert_allclose(probs[0], [0.025, 0.925, 0.025, 0.025], rtol=1e-6)
    np.testing.assert_allclose(probs, 0.9 * tf.nn.softmax(logits) + 0.025, rtol=1e-6)
    assert unimix(tf.cast(logits, tf.bfloat16), 0.1).dtype == tf.float32


def test_mode_takes_the_first_of_equals():
    probs = tf.constant([[0.2, 0.5, 0.3], [0.4, 0.2, 0.4]])
    np.testing.assert_array_equal(one_hot_mode(probs), [[0, 1, 0], [1, 0, 0]])


def test_one_hot_draws_have_the_frequencies_of_the_probabilities():
    probs, count = np.array([0.02, 0.5, 0.08, 0.3, 0.1], np.float32), 40000
    draws = one_hot_sample(
        tf.broadcast_to(probs, [count, 5]), race_noise([count, 5], tf.constant([3, 4]))
    ).numpy()
    np.testing.assert_array_equal(draws.sum(-1), np.ones(count))
    assert set(np.unique(draws)) == {0.0, 1.0}
    expected = count * probs
    chi_square = np.sum((draws.sum(0) - expected) ** 2 / expected)
    assert chi_square < 23.5  # exceeded by 1 in 10,000 with 4 degrees of freedom


def test_one_hot_draws_of_neighbours_are_independent():
    probs, count = np.full(2, 0.5, np.float32), 20000
    draws = one_hot_sample(
        tf.broadcast_to(probs, [count, 2, 2]), race_noise([count, 2, 2], tf.constant([5, 6]))
    ).numpy()
    both = np.mean(draws[:, 0, 0] * draws[:, 1, 0])
    assert abs(both - 0.25) < 4 * np.sqrt(0.25 * 0.75 / count)


def test_one_hot_draw_passes_its_gradient_straight_through():
    probs, upstream = _probs(), tf.random.stateless_normal((5, 4), (1, 4))
    with tf.GradientTape() as tape:
        tape.watch(probs)
        draw = one_hot_sample(probs, race_noise([5, 4], tf.constant([1, 5])))
    np.testing.assert_array_equal(tape.gradient(draw, probs, upstream), upstream)


def test_clip_passes_its_gradient_straight_through():
    x = tf.constant([-3.0, -0.5, 0.9, 2.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = clip_straight_through(x)
    np.testing.assert_allclose(y, [-1.0, -0.5, 0.9, 1.0], rtol=1e-6)
    np.testing.assert_array_equal(tape.gradient(y, x), np.ones(4))


def test_one_hot_equals_tfp():
    plain = OneHot(_probs())
    oracle = tfd.OneHotCategorical(probs=plain.probs, dtype=tf.float32)
    sample = plain.sample(race_noise([5, 4], tf.constant([7, 8])))
    np.testing.assert_allclose(plain.log_prob(sample), oracle.log_prob(sample), rtol=1e-5)
    np.testing.assert_allclose(plain.entropy(), oracle.entropy(), rtol=1e-5)
    np.testing.assert_array_equal(plain.mode(), oracle.mode())
    np.testing.assert_array_equal(plain.executed(sample), sample)


def test_clipped_normal_equals_tfp_before_the_clip():
    mean, std = _normal_parameters()
    plain = ClippedNormal(mean, std, MIN_STD, MAX_STD)
    oracle = tfd.Independent(tfd.Normal(mean, std), 1)
    sample = plain.sample(tf.random.stateless_normal((5, 3), (1, 6)))
    np.testing.assert_allclose(plain.log_prob(sample), oracle.log_prob(sample), rtol=1e-5)
    np.testing.assert_allclose(plain.entropy(), oracle.entropy(), rtol=1e-5)
    np.testing.assert_array_equal(plain.mode(), oracle.mode())
    np.testing.assert_allclose(plain.executed(sample), np.clip(sample, -1, 1), atol=1e-7)


def test_truncated_normal_equals_tfp():
    mean, std = _normal_parameters()
    plain = TruncatedNormal(mean, std, MIN_STD, MAX_STD)
    oracle = tfd.Independent(tfd.TruncatedNormal(mean, std, -1.0, 1.0), 1)
    sample = plain.sample(tf.random.stateless_normal((5, 3), (1, 7)))
    np.testing.assert_allclose(plain.log_prob(sample), oracle.log_prob(sample), rtol=1e-4)
    np.testing.assert_allclose(plain.entropy(), oracle.entropy(), rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(plain.mode(), oracle.mode())
    np.testing.assert_array_equal(plain.executed(sample), sample)


@pytest.mark.parametrize("mean, std", [(0.0, 1.0), (0.8, 0.3), (-1.0, 0.1), (0.5, 0.1)])
def test_truncated_normal_draws_have_the_moments_of_tfp(mean, std):
    count = 40000
    mean, std = tf.fill([count, 1], mean), tf.fill([count, 1], std)
    noise = tf.random.stateless_normal((count, 1), (2, 1))
    draws = TruncatedNormal(mean, std, MIN_STD, MAX_STD).sample(noise).numpy()
    oracle = tfd.TruncatedNormal(np.float64(mean[0, 0]), np.float64(std[0, 0]), -1.0, 1.0)
    assert np.all(np.abs(draws) < 1.0)
    deviation = float(oracle.stddev())
    assert abs(draws.mean() - oracle.mean()) < 4 * deviation / np.sqrt(count)
    np.testing.assert_allclose(draws.std(), deviation, rtol=0.02)


@pytest.mark.parametrize(
    "kind, oracle",
    [
        (ClippedNormal, tfd.Normal),
        (TruncatedNormal, lambda mean, std: tfd.TruncatedNormal(mean, std, -1.0, 1.0)),
    ],
)
def test_gradients_of_draws_are_those_of_the_quantile(kind, oracle):
    mean, std = _normal_parameters()
    noise = tf.random.stateless_normal((5, 3), (2, 2))
    with tf.GradientTape() as tape:
        tape.watch([mean, std])
        draw = kind(mean, std, MIN_STD, MAX_STD).sample(noise)
    to_mean, to_std = tape.gradient(draw, [mean, std])
    mean, std = tf.cast(mean, tf.float64), tf.cast(std, tf.float64)
    level = tfd.Normal(np.float64(0.0), np.float64(1.0)).cdf(tf.cast(noise, tf.float64))
    quantile = lambda mean, std: oracle(mean, std).quantile(level)
    step = 1e-5
    np.testing.assert_allclose(draw, quantile(mean, std), rtol=1e-3, atol=1e-5)
    by_mean = (quantile(mean + step, std) - quantile(mean - step, std)) / (2 * step)
    by_std = (quantile(mean, std + step) - quantile(mean, std - step)) / (2 * step)
    np.testing.assert_allclose(to_mean, by_mean, rtol=5e-3, atol=1e-3)
    np.testing.assert_allclose(to_std, by_std, rtol=5e-3, atol=1e-3)


@pytest.mark.parametrize("kind", [ClippedNormal, TruncatedNormal])
def test_normalised_entropy_of_normals_goes_from_0_to_1(kind):
    mean = tf.zeros([3])
    ends = [
        float(kind(mean, mean + std, MIN_STD, MAX_STD).normalised_entropy())
        for std in (MIN_STD, 0.3, MAX_STD)
    ]
    np.testing.assert_allclose([ends[0], ends[2]], [0.0, 1.0], atol=1e-5)
    assert 0.2 < ends[1] < 0.8


def test_normalised_entropy_of_one_hot_goes_from_0_to_1():
    probs = unimix(tf.constant([[0.0, 0.0, 0.0], [0.0, 40.0, 0.0]]), 1e-6)
    np.testing.assert_allclose(OneHot(probs).normalised_entropy(), [1.0, 0.0], atol=1e-4)
