"""KL of categorical states against TFP, and the shares of its balanced gradient."""

import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from dreamer_tf.math.distributions import unimix
from dreamer_tf.math.kl import balanced_kl, categorical_kl


def _pair():
    shape = (4, 3, 6)
    return [unimix(tf.random.stateless_normal(shape, (seed, 0)) * 3.0, 0.01) for seed in (1, 2)]


def test_equals_tfp():
    posterior, prior = _pair()
    tfd = tfp.distributions
    expected = tfd.kl_divergence(
        tfd.Independent(tfd.OneHotCategorical(probs=posterior), 1),
        tfd.Independent(tfd.OneHotCategorical(probs=prior), 1),
    )
    np.testing.assert_allclose(categorical_kl(posterior, prior), expected, rtol=1e-5)


def test_is_zero_for_equals():
    posterior, _ = _pair()
    np.testing.assert_allclose(categorical_kl(posterior, posterior), np.zeros(4), atol=1e-6)


def test_balanced_loss_has_the_value_of_the_divergence():
    posterior, prior = _pair()
    loss, divergence = balanced_kl(posterior, prior, 0.8)
    expected = categorical_kl(posterior, prior)
    np.testing.assert_allclose(loss, expected, rtol=1e-5)
    np.testing.assert_allclose(divergence, expected, rtol=1e-5)


def test_prior_gets_the_share_and_posterior_the_rest():
    posterior, prior = _pair()
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([posterior, prior])
        loss, divergence = balanced_kl(posterior, prior, 0.8)
        plain = categorical_kl(posterior, prior)
    to_posterior, to_prior = tape.gradient(plain, [posterior, prior])
    shares = tape.gradient(loss, [posterior, prior])
    np.testing.assert_allclose(shares[0], 0.2 * to_posterior, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(shares[1], 0.8 * to_prior, rtol=1e-4, atol=1e-6)
    assert tape.gradient(divergence, [posterior, prior]) == [None, None]


def test_below_the_free_nats_nothing_is_taught():
    posterior, prior = _pair()
    plain = categorical_kl(posterior, prior).numpy()
    free = float(np.mean(np.sort(plain)[1:3]))  # two of four are below
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([posterior, prior])
        loss, divergence = balanced_kl(posterior, prior, 0.8, free)
        without, _ = balanced_kl(posterior, prior, 0.8)
    np.testing.assert_allclose(loss, [max(free, value) for value in plain], rtol=1e-5)
    np.testing.assert_allclose(divergence, plain, rtol=1e-5)
    for x in (posterior, prior):
        gradients, expected = tape.gradient(loss, x).numpy(), tape.gradient(without, x).numpy()
        for row, value in enumerate(plain):
            wanted = expected[row] if value > free else np.zeros_like(expected[row])
            np.testing.assert_allclose(gradients[row], wanted, rtol=1e-5, atol=1e-7)
