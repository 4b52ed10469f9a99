"""A product with a kernel is the one of the last axis, whatever stands before it; precision."""

import numpy as np
import pytest
import tensorflow as tf

from dreamer_tf.math.product import product, products_in, rounded


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


def test_rounds_the_factors_and_nothing_else():
    x, kernel, upstream = (tf.random.normal(shape) for shape in ([2, 3, 5], [5, 6], [2, 3, 6]))
    plain = lambda value: tf.cast(tf.cast(value, tf.bfloat16), tf.float32)
    with tf.GradientTape() as tape, products_in(tf.bfloat16):
        tape.watch([x, kernel])
        y = product(x, kernel)
    results = (y, *tape.gradient(y, [x, kernel], upstream))
    x, kernel, upstream = plain(x), plain(kernel), plain(upstream)
    wanted = (
        tf.einsum("bti,io->bto", x, kernel),
        tf.einsum("bto,io->bti", upstream, kernel),
        tf.einsum("bti,bto->io", x, upstream),
    )
    for result, value in zip(results, wanted):
        assert result.dtype == tf.float32
        np.testing.assert_allclose(result, plain(value), rtol=2**-7, atol=1e-3)


def test_a_kernel_that_was_rounded_stays_so():
    x, kernel = tf.random.normal([4, 5]), tf.random.normal([5, 6])
    with products_in(tf.bfloat16):
        ready, inside = rounded(kernel), product(x, kernel)
        with products_in(None):
            exact = product(x, kernel)
    assert ready.dtype == tf.bfloat16
    np.testing.assert_array_equal(product(x, ready), inside)
    np.testing.assert_array_equal(product(x, kernel), exact)
    assert not np.array_equal(inside, exact)
