"""A product with a kernel is the one of the last axis, whatever stands before it."""

import numpy as np
import pytest
import tensorflow as tf

from dreamer_tf.math.product import product


@pytest.mark.parametrize("leading", [(4,), (2, 3), (2, 1, 3)])
def test_equals_einsum_with_its_gradients(leading):
    x = tf.random.normal([*leading, 5])
    kernel = tf.random.normal([5, 6])
    results = []
    for function in (product, lambda x, kernel: tf.einsum("...i,io->...o", x, kernel)):
        with tf.GradientTape() as tape:
            tape.watch([x, kernel])
            output = function(x, kernel)
            loss = tf.reduce_sum(tf.sin(output))
        results.append((output, *tape.gradient(loss, [x, kernel])))
    for ours, theirs in zip(*results):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


def test_keeps_what_is_known_of_the_shape():
    @tf.function(input_signature=[tf.TensorSpec([None, 3, 5])])
    def traced(x):
        y = product(x, tf.ones([5, 6]))
        assert y.shape.as_list() == [None, 3, 6]
        return y

    assert traced(tf.ones([2, 3, 5])).shape == (2, 3, 6)
