"""A transposed convolution is the same one whichever way it is computed."""

import numpy as np
import pytest
import tensorflow as tf

from dreamer_tf.layers.norm_conv import STRIDE, NormConv


def _plain(layer, pictures):
    """TensorFlow's transposed convolution, a bias behind it."""
    size = layer.output_size(pictures.shape[1])
    shape = [pictures.shape[0], size, size, layer.filters]
    product = tf.nn.conv2d_transpose(pictures, layer.kernel, shape, STRIDE, "VALID")
    return product + layer.offset


@pytest.mark.parametrize("filters, kernel, size", [
    (3, 6, 7), (4, 6, 30), (3, 4, 5), (7, 2, 6),  # by phases
    (16, 5, 1), (3, 6, 1),  # from one pixel
    (3, 5, 7), (16, 6, 7),  # neither
])
def test_transposed_is_tensorflows_with_its_gradients(filters, kernel, size):
    layer = NormConv(filters, kernel, transposed=True, normalise=False)
    layer.build((None, size, size, 9))
    layer.offset.assign(tf.random.normal([filters]))
    pictures = tf.Variable(tf.random.normal([2, size, size, 9]))
    variables = [pictures, layer.kernel, layer.offset]
    results = []
    for function in (layer, lambda x: _plain(layer, x)):
        with tf.GradientTape() as tape:
            output = function(tf.convert_to_tensor(pictures))
            loss = tf.reduce_sum(tf.sin(output))
        results.append((output, *tape.gradient(loss, variables)))
    for ours, theirs in zip(*results):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4)
