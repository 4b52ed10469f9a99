"""The filter against the analytic response and numbers from the literature."""

import numpy as np
import pytest

from robot_envs.wrappers.butterworth import Butterworth


def _analytic_gain(hz, cutoff_hz, rate_hz):
    """|H| of the prewarped bilinear transform: 1 / sqrt(1 + (tan f / tan c)^4)."""
    ratio = np.tan(np.pi * hz / rate_hz) / np.tan(np.pi * cutoff_hz / rate_hz)
    return 1 / np.sqrt(1 + ratio**4)


@pytest.mark.parametrize('cutoff_hz, rate_hz', [(1.5, 20.0), (4.0, 50.0)])
@pytest.mark.parametrize('fraction', [0.1, 0.5, 1.0, 1.7, 3.0])
def test_gain_of_a_sine_is_the_analytic_one(cutoff_hz, rate_hz, fraction):
    hz = fraction * cutoff_hz
    filtered = Butterworth(cutoff_hz=cutoff_hz, rate_hz=rate_hz)
    times = np.arange(4000) / rate_hz
    outputs = np.array([filtered(np.sin(2 * np.pi * hz * t)) for t in times])
    # Amplitude by correlation with sine and cosine once the filter has settled.
    late = times > times[-1] / 2
    basis = np.stack([np.sin(2 * np.pi * hz * times[late]), np.cos(2 * np.pi * hz * times[late])])
    amplitude = np.linalg.norm(np.linalg.lstsq(basis.T, outputs[late], rcond=None)[0])
    assert amplitude == pytest.approx(_analytic_gain(hz, cutoff_hz, rate_hz), rel=1e-6)


def test_half_power_at_the_cutoff():
    assert _analytic_gain(1.5, 1.5, 20.0) == pytest.approx(np.sqrt(0.5))


def test_coefficients_of_a_known_filter():
    """Cutoff at a quarter of the rate: k = 1, so b = (1, 2, 1) / (2 + sqrt 2), a1 = 0."""
    filtered = Butterworth(cutoff_hz=5.0, rate_hz=20.0)
    np.testing.assert_allclose(filtered.b, np.array([1, 2, 1]) / (2 + np.sqrt(2)))
    np.testing.assert_allclose(
        filtered.a, [1, 0, (2 - np.sqrt(2)) / (2 + np.sqrt(2))], atol=1e-12)


def test_held_value_comes_out_and_constant_is_reached():
    filtered = Butterworth(cutoff_hz=1.5, rate_hz=20.0)
    filtered.hold(np.array([1.0, -2.0]))
    np.testing.assert_allclose(filtered(np.array([1.0, -2.0])), [1.0, -2.0])
    for _ in range(200):
        out = filtered(np.array([3.0, 0.5]))
    np.testing.assert_allclose(out, [3.0, 0.5], atol=1e-9)


@pytest.mark.parametrize('cutoff_hz', [0.0, -1.0, 10.0, 30.0])
def test_cutoff_out_of_range(cutoff_hz):
    with pytest.raises(ValueError, match='between 0 and 10'):
        Butterworth(cutoff_hz=cutoff_hz, rate_hz=20.0)
