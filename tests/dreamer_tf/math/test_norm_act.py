"""The fused LayerNorm and ELU against Keras' own layers, values and gradients."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from dreamer_tf.math.norm_act import EPSILON, centre, norm_act


def _both(inputs, kernel, product, axis):
    """Values and gradients (inputs, kernel, scale, offset) of ours and of Keras."""
    channels = kernel.shape[axis]
    scale = 1.0 + 0.3 * tf.random.stateless_normal((channels,), (1, 1))
    offset = 0.5 * tf.random.stateless_normal((channels,), (1, 2))
    norm = keras.layers.LayerNormalization(epsilon=EPSILON)
    norm.build(product(inputs, kernel).shape)
    norm.set_weights([scale.numpy(), offset.numpy()])
    sources = [inputs, kernel, scale, offset]
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(sources)
        ours = norm_act(product(inputs, centre(kernel, axis)), scale, offset)
        theirs = tf.nn.elu(norm(product(inputs, kernel)))
        upstream = tf.random.stateless_normal(tf.shape(ours), (1, 3))
        our_sum, their_sum = tf.reduce_sum(ours * upstream), tf.reduce_sum(theirs * upstream)
    our_gradients = tape.gradient(our_sum, sources)
    their_gradients = tape.gradient(their_sum, [inputs, kernel, norm.gamma, norm.beta])
    return (ours, *our_gradients), (theirs, *their_gradients)


def test_dense_equals_keras():
    inputs = tf.random.stateless_normal((7, 3, 5), (2, 1))
    kernel = 0.2 + tf.random.stateless_normal((5, 6), (2, 2))
    for ours, theirs in zip(*_both(inputs, kernel, tf.matmul, 1)):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("filters", [6, 20])  # few and many channels
def test_convolution_equals_keras(filters):
    inputs = tf.random.stateless_normal((2, 8, 10, 3), (3, 1))
    kernel = tf.random.stateless_normal((4, 4, 3, filters), (3, 2))
    product = lambda x, k: tf.nn.conv2d(x, k, 2, "VALID")
    for ours, theirs in zip(*_both(inputs, kernel, product, 3)):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4)


def test_input_of_nearly_no_variance_stays_finite():
    x = tf.constant([[1e-12, -1e-12], [0.0, 0.0]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = norm_act(x, tf.ones([2]), tf.zeros([2]))
    assert np.all(np.isfinite(y)) and np.all(np.isfinite(tape.gradient(y, x)))


def test_centred_kernel_gives_zero_mean():
    kernel = 3.0 + tf.random.stateless_normal((5, 6), (4, 1))
    product = tf.random.stateless_normal((9, 5), (4, 2)) @ centre(kernel, 1)
    np.testing.assert_allclose(tf.reduce_mean(product, -1), np.zeros(9), atol=1e-5)


@pytest.mark.parametrize("shape", [(4096, 8), (16, 16, 16, 8)], ids=["rows", "pictures"])
@pytest.mark.parametrize("dtype, tolerance", [(tf.bfloat16, 0.03), (tf.float16, 0.005)])
def test_half_precision_keeps_long_sums_of_gradients(dtype, tolerance, shape):
    """The gradients of scale and offset are sums over all rows: thousands of them."""
    x = tf.random.stateless_normal(shape, (5, 1))
    x = x - tf.reduce_mean(x, -1, keepdims=True)
    upstream = 0.25 + 0.1 * tf.random.stateless_normal(shape, (5, 2))
    gradients = []
    for kind in (tf.float32, dtype):
        scale, offset = tf.ones([8], kind), tf.zeros([8], kind)
        with tf.GradientTape() as tape:
            tape.watch([scale, offset])
            y = norm_act(tf.cast(x, kind), scale, offset)
        gradients.append(tape.gradient(y, [scale, offset], tf.cast(upstream, kind)))
    for exact, rough in zip(*gradients):
        error = np.linalg.norm(tf.cast(rough, tf.float32) - exact) / np.linalg.norm(exact)
        assert error < tolerance
