"""The cross-entropy method's steps against slow loops."""

import numpy as np
import pytest
import tensorflow as tf

from dreamer_tf.math.elites import choose_elites, fit_categorical, fit_normal

RANDOM = np.random.default_rng(0)
CANDIDATES = RANDOM.normal(size=(2, 7, 3, 2)).astype(np.float32)
SCORE = RANDOM.normal(size=(2, 7)).astype(np.float32)


@pytest.mark.parametrize("count", [1, 3, 7])
def test_elites_are_the_best_of_each_robot(count):
    elites = choose_elites(tf.constant(CANDIDATES), tf.constant(SCORE), count).numpy()
    for b in range(2):
        order = sorted(range(7), key=lambda n: -SCORE[b, n])
        expected = [CANDIDATES[b, n] for n in order[:count]]
        np.testing.assert_array_equal(elites[b], expected)


def test_what_is_not_a_number_is_no_elite():
    score = tf.constant([[np.nan, 1.0, -np.inf, np.nan, 2.0]])
    elites = choose_elites(tf.range(5)[None], score, 3).numpy()
    assert elites[0].tolist()[:2] == [4, 1] and 0 not in elites[0][:2]


def test_normal_fit_equals_a_slow_loop():
    mean, std = fit_normal(tf.constant(CANDIDATES), 0.9)
    for b in range(2):
        for t in range(3):
            for a in range(2):
                values = [CANDIDATES[b, n, t, a] for n in range(7)]
                middle = sum(values) / 7
                spread = (sum((v - middle) ** 2 for v in values) / 7) ** 0.5
                np.testing.assert_allclose(mean[b, t, a], middle, rtol=1e-4, atol=1e-6)
                np.testing.assert_allclose(std[b, t, a], max(spread, 0.9), rtol=1e-4)
    assert np.any(std > 0.9) and np.any(std == np.float32(0.9))


def test_categorical_fit_equals_a_slow_loop():
    chosen = RANDOM.integers(0, 4, (2, 7, 3))
    probs = fit_categorical(tf.one_hot(chosen, 4), 0.2).numpy()
    np.testing.assert_allclose(probs.sum(-1), 1.0, rtol=1e-5)
    for b in range(2):
        for t in range(3):
            for a in range(4):
                share = sum(chosen[b, n, t] == a for n in range(7)) / 7
                np.testing.assert_allclose(probs[b, t, a], 0.8 * share + 0.05, rtol=1e-5)
