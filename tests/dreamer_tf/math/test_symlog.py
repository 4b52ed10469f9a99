"""symlog and symexp."""

import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from dreamer_tf.math.symlog import symexp, symexp_bijector, symlog

VALUES = np.array([-3000.0, -7.0, -1.0, -1e-3, 0.0, 2e-3, 0.5, 1.0, 20.0, 40000.0], np.float32)


def test_values_by_hand():
    np.testing.assert_allclose(symlog([np.e - 1.0, 1.0 - np.e**2, 0.0]), [1.0, -2.0, 0.0], 1e-6)


def test_symexp_is_the_inverse():
    np.testing.assert_allclose(symexp(symlog(VALUES)), VALUES, 1e-5)


def test_symlog_is_nearly_linear_around_zero():
    with tf.GradientTape() as tape:
        x = tf.constant([-1e-4, 1e-4])
        tape.watch(x)
        y = symlog(x)
    np.testing.assert_allclose(tape.gradient(y, x), [1.0, 1.0], 1e-3)


def test_bijector_gives_the_density_that_a_numeric_derivative_gives():
    distribution = tfp.distributions.TransformedDistribution(
        tfp.distributions.Normal(np.float64(0.4), np.float64(0.7)), symexp_bijector()
    )
    for y in (-6.0, -0.3, 0.2, 3.0, 50.0):
        step = 1e-5 * max(1.0, abs(y))
        mass = distribution.cdf(np.float64(y + step)) - distribution.cdf(np.float64(y - step))
        density = distribution.prob(np.float64(y))
        np.testing.assert_allclose(density, mass / (2 * step), rtol=1e-4)


def test_bijector_jacobians_are_those_of_autodiff():
    bijector = symexp_bijector()
    x = tf.constant([-2.0, -0.1, 0.3, 1.5])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = bijector.forward(x)
        back = bijector.inverse(tf.identity(y))
    np.testing.assert_allclose(back, x, 1e-5)
    slope = tf.math.log(tape.gradient(y, x))
    np.testing.assert_allclose(bijector.forward_log_det_jacobian(x), slope, 1e-5)
    np.testing.assert_allclose(bijector.inverse_log_det_jacobian(y), -slope, 1e-5)
