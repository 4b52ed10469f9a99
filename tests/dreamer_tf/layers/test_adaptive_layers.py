"""Layers that follow what they see: adaptive scale and running moments."""

import numpy as np
import tensorflow as tf

from dreamer_tf.layers.adaptive_scale import AdaptiveScale
from dreamer_tf.layers.picture_mean import PictureMean
from dreamer_tf.layers.return_range import ReturnRange
from dreamer_tf.layers.running_moments import RunningMoments


def test_scale_is_used_first_and_moved_then():
    layer = AdaptiveScale(target=1.0, initial=0.5, minimum=0.1, maximum=1.0)
    layer.build()
    for call in (layer, tf.function(layer)):
        layer.scale.assign(0.5)
        np.testing.assert_allclose(call(tf.constant([1.0, 5.0])), 0.5)
        np.testing.assert_allclose(layer.scale, 0.55)
        np.testing.assert_allclose(call(tf.constant([0.0, 0.2])), 0.55)
        np.testing.assert_allclose(layer.scale, 0.5)


def test_no_gradient_goes_into_the_scale():
    layer = AdaptiveScale(target=1.0, initial=0.5, minimum=0.1, maximum=1.0)
    layer.build()
    value = tf.constant([3.0, 5.0])
    with tf.GradientTape() as tape:
        tape.watch(value)
        loss = tf.reduce_sum(layer(value) * value)
    np.testing.assert_allclose(tape.gradient(loss, value), [0.5, 0.5])


def test_moments_equal_a_slow_weighted_average():
    layer = RunningMoments(decay=0.8)
    layer.build()
    batches = np.random.normal(3.0, 2.0, (6, 4, 5)).astype(np.float32)
    for n, batch in enumerate(batches):
        mean, deviation = layer(tf.constant(batch))
        weights = np.array([0.8 ** (n - i) for i in range(n + 1)])
        weights /= weights.sum()
        expected = sum(w * b.mean() for w, b in zip(weights, batches))
        square = sum(w * (b**2).mean() for w, b in zip(weights, batches))
        np.testing.assert_allclose(mean, expected, rtol=1e-5)
        np.testing.assert_allclose(deviation, np.sqrt(square - expected**2), rtol=1e-4)


def test_first_batch_is_normalised_by_itself():
    layer = RunningMoments()
    layer.build()
    mean, deviation = layer(tf.constant([1.0, 3.0]))
    np.testing.assert_allclose([mean, deviation], [2.0, 1.0], rtol=1e-5)


def test_deviation_of_equals_is_epsilon():
    layer = RunningMoments(epsilon=0.01)
    layer.build()
    np.testing.assert_allclose(layer(tf.fill([7], 4.0))[1], 0.01, rtol=1e-5)


def test_range_of_returns_equals_a_slow_weighted_average():
    layer = ReturnRange(decay=0.8)
    layer.build()
    batches = np.random.normal(3.0, 2.0, (6, 4, 50)).astype(np.float32)
    for n, batch in enumerate(batches):
        result = layer(tf.constant(batch))
        weights = np.array([0.8 ** (n - i) for i in range(n + 1)])
        ranges = [np.percentile(b, 95) - np.percentile(b, 5) for b in batches[: n + 1]]
        np.testing.assert_allclose(result, np.sum(weights * ranges) / weights.sum(), rtol=1e-4)
        assert result > 1.0


def test_small_returns_are_not_blown_up_and_outliers_do_not_count():
    layer = ReturnRange()
    layer.build()
    np.testing.assert_allclose(layer(tf.linspace(0.0, 0.1, 101)), 1.0)
    layer = ReturnRange()
    layer.build()
    returns = tf.concat([tf.linspace(0.0, 10.0, 101), [1e6]], 0)
    np.testing.assert_allclose(layer(returns), 9.0, rtol=0.05)


def test_no_gradient_goes_through_the_range():
    layer = ReturnRange()
    layer.build()
    returns = tf.linspace(0.0, 10.0, 11)
    with tf.GradientTape() as tape:
        tape.watch(returns)
        scale = layer(returns)
    assert tape.gradient(scale, returns) is None


def test_pictures_are_centred_on_the_weighted_mean_of_all_seen():
    layer = PictureMean({"image": (4, 4, 3), "imu": (2,)}, decay=0.8, contrast=2.0)
    layer.build()
    batches = np.random.uniform(size=(5, 2, 3, 4, 4, 3)).astype(np.float32)
    for n, batch in enumerate(batches):
        observation = {"image": tf.constant(batch), "imu": tf.ones([2, 3, 2])}
        layer.update(observation)
        weights = np.array([0.8 ** (n - i) for i in range(n + 1)])
        mean = sum(w * b.mean((0, 1)) for w, b in zip(weights, batches)) / weights.sum()
        result = layer(observation)
        np.testing.assert_allclose(result["image"], 2.0 * (batch - mean), rtol=1e-4, atol=1e-5)
        np.testing.assert_array_equal(result["imu"], observation["imu"])


def test_pictures_are_centred_on_grey_before_the_first():
    layer = PictureMean({"image": (4, 4, 3)}, contrast=2.0)
    layer.build()
    result = layer({"image": tf.fill([1, 4, 4, 3], 0.75)})
    np.testing.assert_allclose(result["image"], np.full((1, 4, 4, 3), 0.5))
    assert float(layer.weight) == 0.0
