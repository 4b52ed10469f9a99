"""Steps of adaptive scales and of running moments."""

import numpy as np
import pytest
import tensorflow as tf

from dreamer_tf.math.scaling import decayed_moments, next_scale


@pytest.mark.parametrize(
    "value, raises_value, expected",
    [
        (4.0, False, 0.55),  # KL too large: penalise it more
        (3.0, False, 0.5 / 1.1),  # too small: less
        (3.6, False, 0.5),  # near enough
        (3.3, False, 0.5),
        (4.0, True, 0.5 / 1.1),  # entropy too large: reward it less
        (3.0, True, 0.55),
        (3.5, True, 0.5),
    ],
)
def test_direction(value, raises_value, expected):
    scale = next_scale(
        tf.constant(0.5),
        tf.constant(value),
        target=3.5,
        minimum=0.01,
        maximum=1.0,
        raises_value=raises_value,
    )
    np.testing.assert_allclose(scale, expected, rtol=1e-6)


@pytest.mark.parametrize("value, bound", [(100.0, 1.0), (0.0, 1e-3)])
def test_stops_at_its_bounds(value, bound):
    scale = tf.constant(0.1)
    for _ in range(80):
        scale = next_scale(scale, tf.constant(value), target=3.5, minimum=1e-3, maximum=1.0)
    np.testing.assert_allclose(scale, bound, rtol=1e-6)


def test_settles_a_quantity_that_answers_to_it():
    scale = tf.constant(0.001)
    for _ in range(100):
        scale = next_scale(scale, 1.0 / scale, target=5.0, minimum=1e-3, maximum=10.0)
    assert 5.0 / 1.1 <= 1.0 / float(scale) <= 5.0 * 1.1


def test_moments_equal_a_slow_loop():
    batches = np.random.normal(2.0, 3.0, (20, 4, 5)).astype(np.float32)
    mean = square = tf.constant(0.0)
    for batch in batches:
        mean, square = decayed_moments(mean, square, tf.constant(batch), 0.9)
    weights = [0.1 * 0.9 ** (len(batches) - 1 - i) for i in range(len(batches))]
    expected_mean = sum(w * b.mean() for w, b in zip(weights, batches))
    expected_square = sum(w * (b**2).mean() for w, b in zip(weights, batches))
    np.testing.assert_allclose(mean, expected_mean, rtol=1e-5)
    np.testing.assert_allclose(square, expected_square, rtol=1e-5)
