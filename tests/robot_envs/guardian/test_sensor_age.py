"""The age of what a robot tells, by its clock."""

import math

import pytest

from robot_envs.guardian.sensor_age import SensorAge


def test_nothing_is_infinitely_old():
    assert SensorAge().seconds(5.0) == math.inf


def test_it_ages_from_what_came_quickest():
    age = SensorAge()
    age.take(100.0, 7.0)
    assert age.seconds(7.0) == 0
    age.take(100.1, 7.2)  # 0.1 s later than the one before.
    assert age.seconds(7.2) == pytest.approx(0.1, abs=1e-3)
    age.take(100.5, 7.49)  # Quicker than the first.
    assert age.seconds(7.59) == pytest.approx(0.1, abs=1e-3)


def test_a_clock_that_stands_is_old():
    age = SensorAge()
    for now in (1.0, 1.1, 1.2, 1.3):
        age.take(50.0, now)
    assert age.seconds(1.3) == pytest.approx(0.3)
    age.take(49.0, 1.4)  # Overtaken on its way.
    assert age.seconds(1.4) == pytest.approx(0.4)


def test_it_tells_what_was_overtaken():
    age = SensorAge()
    assert age.take(5.0, 1.0) and age.take(5.0, 1.1) and age.take(5.2, 1.2)
    assert not age.take(5.1, 1.3)


def test_a_clock_that_starts_again_is_judged_anew():
    """A motor board that was switched off: old at first, then as if it had just been connected."""
    age = SensorAge()
    for step in range(100):
        age.take(1000 + 0.1 * step, 0.1 * step)
    began = 9.9 + 3.0  # It boots.
    for step in range(20):
        now = began + 0.002 * step
        assert age.take(0.002 * step, now)
        assert age.seconds(now) == pytest.approx(0, abs=1e-3)
    assert age.seconds(now + 0.5) == pytest.approx(0.5, abs=1e-3)
    age.take(0.040, began + 0.340)  # 0.3 s on its way.
    assert age.seconds(began + 0.340) == pytest.approx(0.3, abs=1e-3)


def test_a_clock_that_starts_again_without_a_pause_is_old_first():
    age = SensorAge()
    age.take(50.0, 0.0)
    taken = [age.take(0.1 * step, 0.1 * step) for step in range(1, 21)]
    assert taken == [False] * 10 + [True] * 10
    assert age.seconds(2.0) == pytest.approx(0, abs=1e-3)


def test_what_is_very_late_is_no_new_start():
    """A second and a half on its way, beside newer ones."""
    age = SensorAge()
    for step in range(200):
        now = 0.01 * step
        age.take(7 + now, now)
        if step > 150:
            assert not age.take(7 + now - 1.5, now)
    assert age.seconds(now) == pytest.approx(0, abs=1e-3)
    assert age.seconds(now + 0.2) == pytest.approx(0.2, abs=1e-3)


def test_a_clock_that_comes_back_later_than_it_was_stays_old():
    """It cannot be told from what was 34 seconds on its way; so no robot is driven by it."""
    age = SensorAge()
    age.take(21.0, 100.0)
    assert age.take(30.0, 143.0) and age.take(40.0, 153.0)
    assert age.seconds(153.0) == pytest.approx(34.0, abs=0.1)
