"""Steps start on the beat; late ones are counted, never caught up."""

import numpy as np
import pytest
from echo_environment import EchoEnvironment

from robot_envs.clock import Clock
from robot_envs.wrappers.rate_control import RateControl

ACTION = np.zeros(2, np.float32)


class FakeClock:
    """Time that passes only when somebody sleeps or works."""

    def __init__(self):
        self.time = 100.0
        self.slept = []

    def now(self):
        return self.time

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.time += seconds


def _make(step_seconds=0.0):
    clock, begins = FakeClock(), []

    def on_step():
        begins.append(clock.time)
        clock.time += step_seconds

    env = RateControl(EchoEnvironment(on_step=on_step), rate_hz=10.0, clock=clock)
    env.reset()
    return env, clock, begins


def test_steps_start_at_the_rate_whatever_the_policy_takes():
    env, clock, begins = _make(step_seconds=0.02)
    for thinking in (0.0, 0.05, 0.01, 0.07):
        clock.time += thinking
        env.step(ACTION)
    np.testing.assert_allclose(np.diff(begins), 0.1)
    np.testing.assert_allclose(clock.slept, [0.03, 0.07, 0.01])
    assert env.get_info() == {
        "steps": 4, "paced_steps": 3, "overruns": 0, "longest_overrun_seconds": 0.0}


def test_a_late_step_is_counted_and_not_caught_up():
    env, clock, begins = _make()
    for thinking in (0.0, 0.25, 0.0, 0.13, 0.0):
        clock.time += thinking
        env.step(ACTION)
    np.testing.assert_allclose(np.diff(begins), [0.25, 0.1, 0.13, 0.1])
    info = env.get_info()
    assert info["overruns"] == 2 and info["paced_steps"] == 4
    assert info["longest_overrun_seconds"] == pytest.approx(0.15)


def test_a_hair_late_is_no_overrun():
    env, clock, _ = _make()
    env.step(ACTION)
    clock.time += 0.1005
    env.step(ACTION)
    assert env.get_info()["overruns"] == 0


def test_a_reset_starts_the_beat_anew():
    env, clock, begins = _make()
    env.step(ACTION)
    clock.time += 9.0  # somebody puts the robot back
    env.reset()
    env.step(ACTION)
    assert env.get_info()["overruns"] == 0 and clock.slept == []
    env.step(ACTION)
    assert begins[2] - begins[1] == pytest.approx(0.1)


def test_an_environment_that_tells_nothing_else_is_paced_too():
    class Silent(EchoEnvironment):
        def get_info(self):
            raise NotImplementedError("as TF-Agents' own environments do")

    env = RateControl(Silent(), rate_hz=10.0, clock=FakeClock())
    env.reset()
    env.step(ACTION)
    assert env.get_info()["overruns"] == 0


def test_the_rate_must_be_positive():
    with pytest.raises(ValueError, match="rate_hz must be positive, not 0"):
        RateControl(EchoEnvironment(), rate_hz=0)


def test_the_real_clock_sleeps_at_least_as_long_as_asked():
    clock = Clock()
    before = clock.now()
    clock.sleep(0.01)
    clock.sleep(-1.0)
    assert clock.now() - before >= 0.01
