"""Seeds that are functions of counters."""

import numpy as np
import pytest
import tensorflow as tf

from dreamer_tf.math.random import make_seed, race_noise


def test_seed_is_a_function_of_seed_and_counters():
    same = [make_seed(3, 5, 1), make_seed(3, tf.constant(5, tf.int64), tf.constant(1))]
    np.testing.assert_array_equal(*same)
    assert same[0].shape == (2,) and same[0].dtype == tf.int32
    others = [make_seed(4, 5, 1), make_seed(3, 6, 1), make_seed(3, 5, 2), make_seed(3, 5)]
    assert len({tuple(seed.numpy()) for seed in [same[0], *others]}) == 5


def test_order_of_counters_matters():
    assert np.any(make_seed(0, 1, 2) != make_seed(0, 2, 1))


def test_seed_is_the_same_in_a_graph():
    compiled = tf.function(lambda count: make_seed(7, count))
    np.testing.assert_array_equal(compiled(tf.constant(9)), make_seed(7, 9))


@pytest.mark.parametrize("seed", [0, -1, 2**31, 2**40 + 3])
def test_any_whole_number_is_a_seed(seed):
    assert make_seed(seed, 1).shape == (2,)


def test_race_noise_is_one_over_an_exponential():
    noise = race_noise([100000], tf.constant([1, 2])).numpy()
    assert np.all(noise > 0) and np.all(np.isfinite(noise))
    waits = np.sort(1.0 / noise)
    level = (np.arange(len(waits)) + 0.5) / len(waits)
    distance = np.max(np.abs(1.0 - np.exp(-waits) - level))
    assert distance < 2.0 / np.sqrt(len(waits))  # Kolmogorov-Smirnov, 1 in 1,000
