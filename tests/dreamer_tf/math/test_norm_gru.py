"""The fused gates of the GRU against the equations, values and gradients, alone and in a loop."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from dreamer_tf.math.norm_act import EPSILON, centre
from dreamer_tf.math.norm_gru import norm_gru
from dreamer_tf.math.scan import scan

UNITS, INPUTS, BATCH, STEPS = 4, 3, 5, 6


def plain(products, state, scale, offset):
    """The same from Keras' LayerNorm and TensorFlow's own gradients."""
    norm = keras.layers.LayerNormalization(epsilon=EPSILON, center=False, scale=False)
    gates = norm(products) * scale + offset
    reset, candidate, update = (gates[:, i * UNITS : (i + 1) * UNITS] for i in range(3))
    candidate = tf.tanh(tf.sigmoid(reset) * candidate)
    update = tf.sigmoid(update - 1.0)
    return (1.0 - update) * state + update * candidate


def values():
    """Inputs (STEPS, BATCH, INPUTS), state, kernel, scale and offset."""
    shapes = [(STEPS, BATCH, INPUTS), (BATCH, UNITS), (INPUTS + UNITS, 3 * UNITS)]
    drawn = [tf.random.stateless_normal(shape, (1, i)) for i, shape in enumerate(shapes)]
    scale = 1.0 + 0.3 * tf.random.stateless_normal((3 * UNITS,), (1, 8))
    return [*drawn, scale, 0.5 * tf.random.stateless_normal((3 * UNITS,), (1, 9))]


def results(cell, loop):
    """States of all steps, and the gradients of all that goes in."""
    sources = values()
    upstream = tf.random.stateless_normal((STEPS, BATCH, UNITS), (2, 1))

    def run(inputs, state, kernel, scale, offset):
        kernel = centre(kernel, 1)

        def step(t, state, x):
            del t
            return cell(tf.concat([x, state], -1) @ kernel, state, scale, offset)

        if loop:
            return scan(step, state, inputs, STEPS)
        return scan(step, state, inputs, STEPS, unroll=True)

    @tf.function
    def both():
        with tf.GradientTape() as tape:
            tape.watch(sources)
            states = run(*sources)
            total = tf.reduce_sum(states * upstream)
        return [states, *tape.gradient(total, sources)]

    return both()


@pytest.mark.parametrize("loop", [False, True])
def test_equals_the_equations(loop):
    for ours, theirs in zip(results(norm_gru, loop), results(plain, loop)):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


def test_the_state_starts_as_a_slow_memory():
    state = tf.random.stateless_normal((BATCH, UNITS), (3, 1))
    zeros = tf.zeros([BATCH, 3 * UNITS])
    ones = tf.ones([3 * UNITS])
    kept = norm_gru(zeros, state, ones, 0.0 * ones) / state
    np.testing.assert_allclose(kept, np.full(kept.shape, 1.0 - 1.0 / (1.0 + np.e)), rtol=1e-5)
