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
