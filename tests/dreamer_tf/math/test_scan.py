"""The loop over time: unrolled, as a while loop and as plain Python."""

import numpy as np
import pytest
import tensorflow as tf

from dreamer_tf.math.scan import scan

LENGTH = 5


def _problem():
    weight = tf.random.stateless_normal((3, 3), (1, 1))
    initial = {
        "state": tf.random.stateless_normal((2, 3), (1, 2)),
        "count": tf.zeros([2], tf.int32),
    }
    inputs = (
        tf.random.stateless_normal((LENGTH, 2, 3), (1, 3)),
        tf.constant([[False, True]] * LENGTH),
    )
    return weight, initial, inputs


def _step(weight):
    def step(t, carry, at_t):
        push, flag = at_t
        state = tf.tanh(carry["state"] @ weight + push) + 0.1 * tf.cast(t, tf.float32)
        return {"state": state, "count": carry["count"] + tf.cast(flag, tf.int32)}

    return step


def _run(unroll):
    """Values of the scan, and gradients to weight, initial state and inputs."""
    weight, initial, inputs = _problem()
    sources = [weight, initial["state"], inputs[0]]
    with tf.GradientTape() as tape:
        tape.watch(sources)
        states = scan(_step(weight), initial, inputs, LENGTH, unroll)
        loss = tf.reduce_sum(states["state"] ** 2 * tf.range(1.0, 4.0))
    return states, tape.gradient(loss, sources)


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("unroll", [False, True])
def test_equals_plain_python(unroll, compiled):
    run = tf.function(_run) if compiled else _run
    states, gradients = run(unroll)
    weight, carry, inputs = _problem()
    sources = [weight, carry["state"], inputs[0]]
    with tf.GradientTape() as tape:
        tape.watch(sources)
        expected = []
        for t in range(LENGTH):
            carry = _step(weight)(t, carry, (inputs[0][t], inputs[1][t]))
            expected.append(carry["state"])
        loss = tf.reduce_sum(tf.stack(expected) ** 2 * tf.range(1.0, 4.0))
    np.testing.assert_allclose(states["state"], tf.stack(expected), rtol=1e-5)
    np.testing.assert_array_equal(states["count"], [[0, n + 1] for n in range(LENGTH)])
    for ours, theirs in zip(gradients, tape.gradient(loss, sources)):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)
