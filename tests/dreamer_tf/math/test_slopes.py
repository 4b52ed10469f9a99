"""Values with slopes: those of the functions, with their gradients, to x alone."""

import numpy as np
import tensorflow as tf

from dreamer_tf.math.slopes import with_slopes


def test_equals_the_functions_with_their_gradients():
    x = tf.random.stateless_normal((3, 4, 5), (1, 1))
    kernel = tf.Variable(tf.random.stateless_normal((5, 6), (1, 2)))
    functions = (
        lambda x: tf.reduce_sum(tf.sin(x @ kernel), -1),
        lambda x: tf.sigmoid(tf.reduce_prod(x, -1)),
    )

    @tf.function
    def run(apply):
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(x)
            one, two = apply(2.0 * x)
            # What comes from above differs from row to row, and depends on the other value.
            total = tf.reduce_sum(tf.cos(one) * two)
        return one, two, tape.gradient(total, x)

    ours = run(lambda x: with_slopes(functions, x))
    theirs = run(lambda x: [function(x) for function in functions])
    for mine, other in zip(ours, theirs):
        np.testing.assert_allclose(mine, other, rtol=1e-4, atol=1e-5)


def test_nothing_goes_to_the_weights():
    x, kernel = tf.ones([2, 3]), tf.Variable(tf.ones([3]))
    with tf.GradientTape() as tape:
        (value,) = with_slopes([lambda x: tf.linalg.matvec(x, kernel)], x)
    assert tape.gradient(value, kernel) is None
