"""Lambda-returns against the equation, written as a slow loop."""

import numpy as np
import pytest
import tensorflow as tf

from dreamer_tf.math.returns import discounted_sum, lambda_return


def slow_lambda_return(reward, discount, value, lambda_):
    """V_t = r_{t+1} + d_{t+1} ((1 - lambda) v_{t+1} + lambda V_{t+1}), V_H = v_H.

    Inputs are indexed by 1 ... H, as in the equation; entry 0 is not used.
    """
    horizon = len(reward) - 1
    returns = np.zeros(horizon + 1)
    returns[horizon] = value[horizon]
    for t in range(horizon - 1, -1, -1):
        ahead = (1 - lambda_) * value[t + 1] + lambda_ * returns[t + 1]
        returns[t] = reward[t + 1] + discount[t + 1] * ahead
    return returns[:horizon]


@pytest.mark.parametrize("lambda_", [0.0, 0.5, 0.95, 1.0])
def test_equals_the_slow_loop(lambda_):
    horizon, count = 7, 5
    reward, value = np.random.normal(size=(2, horizon + 1, count)).astype(np.float32)
    discount = np.random.uniform(size=(horizon + 1, count)).astype(np.float32)
    fast = lambda_return(
        tf.constant(reward[1:]), tf.constant(discount[1:]), tf.constant(value[1:]), lambda_
    )
    for n in range(count):
        slow = slow_lambda_return(reward[:, n], discount[:, n], value[:, n], lambda_)
        np.testing.assert_allclose(fast[:, n], slow, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("with_value", [False, True])
def test_discounted_sum_equals_a_slow_loop(with_value):
    horizon, count = 5, 4
    reward = np.random.normal(size=(horizon, count)).astype(np.float32)
    discount = np.random.uniform(size=(horizon, count)).astype(np.float32)
    value = np.random.normal(size=count).astype(np.float32)
    fast = discounted_sum(
        tf.constant(reward), tf.constant(discount), tf.constant(value) if with_value else None
    )
    for n in range(count):
        weight, total = 1.0, 0.0
        for t in range(horizon):
            total += weight * reward[t, n]
            weight *= discount[t, n]
        expected = total + weight * value[n] if with_value else total
        np.testing.assert_allclose(fast[n], expected, rtol=1e-5, atol=1e-6)


def test_discounted_sum_is_the_first_lambda_return():
    reward, value = tf.random.stateless_normal((2, 4, 3), (1, 1))
    discount = tf.random.stateless_uniform((4, 3), (1, 2))
    expected = lambda_return(reward, discount, value, 1.0)[0]
    np.testing.assert_allclose(discounted_sum(reward, discount, value[-1]), expected, rtol=1e-5)


def test_by_hand():
    reward, value = tf.constant([[1.0], [2.0]]), tf.constant([[10.0], [20.0]])
    discount = tf.constant([[0.5], [0.1]])
    # V_1 = 2 + .1 * 20 = 4; V_0 = 1 + .5 * (.25 * 10 + .75 * 4) = 3.75
    np.testing.assert_allclose(lambda_return(reward, discount, value, 0.75), [[3.75], [4.0]])


def test_nothing_after_the_end_of_an_episode_counts():
    reward = tf.constant([[1.0], [1.0], [100.0]])
    value = tf.constant([[7.0], [8.0], [9.0]])
    discount = tf.constant([[1.0], [0.0], [1.0]])
    np.testing.assert_allclose(lambda_return(reward, discount, value, 1.0)[:2], [[2.0], [1.0]])


def test_refuses_shapes_that_differ():
    with pytest.raises(ValueError, match="compatible"):
        lambda_return(tf.zeros([3, 2]), tf.zeros([4, 2]), tf.zeros([3, 2]), 0.9)
    with pytest.raises(ValueError, match="static horizon"):
        unknown = tf.keras.Input([2])
        lambda_return(unknown, unknown, unknown, 0.9)
