"""The Sphero's environment over the wire: the contract of every environment, at its rate."""

import time

import numpy as np
import pytest
from tf_agents.specs import array_spec

from robot_envs import registry
from robot_envs.errors import RobotError

pytest.importorskip('spherov2')


@pytest.fixture(scope='module')
def env():
    env = registry.make('sphero', seed=0, backend='emulated', episode_steps=6)
    yield env
    env.close()


def test_specs_are_those_of_the_twin(env):
    twin = registry.make('sphero', seed=0)
    assert env.time_step_spec() == twin.time_step_spec()
    assert env.action_spec() == twin.action_spec()
    twin.close()


def test_steps_fit_the_spec_and_keep_the_rate(env):
    began = time.monotonic()
    step = env.reset()
    assert time.monotonic() - began > 8  # 5 bursts of 1 s, 4 s to settle.
    random, seconds = np.random.RandomState(0), []
    while not step.is_last():
        began = time.monotonic()
        step = env.step(array_spec.sample_spec_nest(env.action_spec(), random))
        seconds.append(time.monotonic() - began)
        assert array_spec.check_arrays_nest(step, env.time_step_spec())
        info = env.get_info()
        assert step.reward == pytest.approx(-info['distance'])
        assert info['observation_age_seconds'] < 0.6
    assert len(seconds) == 6
    assert 0.4 < np.median(seconds) < 1.0
    assert info['guardian_commands'] == 12 and info['guardian_faults'] == 0


def test_nonsense_is_refused(env):
    env.reset()  # a step after the last one of an episode would only reset
    with pytest.raises(RobotError, match='finite'):
        env.step(np.full(2, np.nan, np.float32))
    with pytest.raises(RobotError, match='cannot be pushed'):
        env.push(np.ones(3))
