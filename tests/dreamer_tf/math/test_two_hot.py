"""Two-hot weights, and the numbers that are read off a distribution over bins."""

import numpy as np
import pytest
import tensorflow as tf

from dreamer_tf.math.symlog_two_hot import SymlogTwoHot
from dreamer_tf.math.two_hot import two_hot

RANDOM = np.random.default_rng(0)


def _slow_two_hot(x, bins):
    """arXiv 2301.04104v1, eq. 10, one number after the other."""
    weights = np.zeros(len(bins))
    x = min(max(x, bins[0]), bins[-1])
    below = max(k for k, b in enumerate(bins) if b <= x)
    above = min(below + 1, len(bins) - 1)
    if above == below:
        weights[below] = 1.0
    else:
        width = abs(bins[above] - bins[below])
        weights[below] = abs(bins[above] - x) / width
        weights[above] = abs(bins[below] - x) / width
    return weights


@pytest.mark.parametrize("low, high, count", [(-20.0, 20.0, 255), (0.0, 3.0, 4), (-1.0, 1.0, 2)])
def test_weights_equal_a_slow_loop(low, high, count):
    bins = np.linspace(low, high, count)
    x = np.concatenate([RANDOM.uniform(low - 1, high + 1, 40), bins[[0, 1, -2, -1]], [low - 9]])
    weights = two_hot(tf.constant(x.reshape(5, -1), tf.float32), low, high, count).numpy()
    expected = np.stack([_slow_two_hot(value, bins) for value in x])
    np.testing.assert_allclose(weights.reshape(-1, count), expected, atol=1e-4)
    np.testing.assert_allclose(weights.sum(-1), 1.0, rtol=1e-4)
    assert np.all(np.sum(weights > 0, -1) <= 2)


def _symlog(x):
    return np.sign(x) * np.log1p(np.abs(x))


@pytest.mark.parametrize("code", [SymlogTwoHot(), SymlogTwoHot(bins=9, limit=4.0)])
def test_loss_and_mean_equal_a_slow_loop(code):
    limit = code._limit
    bins = np.linspace(-limit, limit, code.output_size)
    output = RANDOM.normal(0.0, 3.0, (12, code.output_size)).astype(np.float32)
    target = RANDOM.normal(0.0, 30.0, 12).astype(np.float32)
    loss, mean = code.loss(output, tf.constant(target)), code.mean(tf.constant(output))
    for i in range(12):
        log_probs = output[i] - np.log(np.sum(np.exp(output[i].astype(np.float64))))
        weights = _slow_two_hot(_symlog(target[i]), bins)
        np.testing.assert_allclose(loss[i], -np.sum(weights * log_probs), rtol=1e-3)
        middle = np.sum(np.exp(log_probs) * bins)
        expected = np.sign(middle) * np.expm1(np.abs(middle))
        np.testing.assert_allclose(mean[i], expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("number", [0.0, 0.3, -7.0, 1234.0, -5e6])
def test_a_distribution_that_is_its_target_has_its_mean(number):
    code = SymlogTwoHot()
    weights = two_hot(tf.constant(_symlog(number), tf.float32), -20.0, 20.0, 255)
    output = tf.math.log(weights + 1e-12)
    np.testing.assert_allclose(code.mean(output), number, rtol=1e-3, atol=1e-4)
