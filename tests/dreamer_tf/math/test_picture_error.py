"""The error of pictures against its formula and TensorFlow's gradient of that."""

import numpy as np
import pytest
import tensorflow as tf

from dreamer_tf.math.picture_error import picture_error


@pytest.mark.parametrize("weight", [0.0, 3.0])
def test_value_and_gradient(weight):
    logits = 2.0 * tf.random.stateless_normal((2, 3, 4, 6, 2), (1, 1))
    target = tf.random.stateless_uniform((2, 3, 4, 6, 2), (1, 2))
    upstream = tf.random.stateless_normal((2, 3), (1, 3))
    results = []
    for function in (picture_error, _plain):
        with tf.GradientTape() as tape:
            tape.watch(logits)
            error = function(logits, target, weight)
        results.append((error, tape.gradient(error, logits, upstream)))
    for ours, plain in zip(*results):
        np.testing.assert_allclose(ours, plain, rtol=1e-5, atol=1e-6)


def _plain(logits, target, weight):
    square = tf.square(tf.sigmoid(logits) - target)
    return tf.reduce_sum(square * (1.0 + weight * square), [-3, -2, -1])


def test_the_target_gets_no_gradient():
    logits, target = tf.zeros((1, 2, 2, 1)), tf.ones((1, 2, 2, 1))
    with tf.GradientTape() as tape:
        tape.watch(target)
        error = picture_error(logits, target)
    assert tape.gradient(error, target) is None
    np.testing.assert_allclose(error, [4 * 0.25])
