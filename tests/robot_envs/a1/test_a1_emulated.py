"""The A1's environment over the wire: the contract of every environment, at the robot's rate."""

import time

import gin
import numpy as np
import pytest
from tf_agents.specs import array_spec

from robot_envs import registry
from robot_envs.a1 import constants as c
from robot_envs.a1.hardware import A1Hardware
from robot_envs.a1.joint_targets import to_action, to_radians
from robot_envs.errors import RobotError
from robot_envs.guardian.times import GuardianTimes
from robot_envs.wrappers.butterworth import Butterworth


STALE_SECONDS = 1.0  # The machine of the tests may stand still for a while.


@pytest.fixture(scope='module')
def env():
    registry.get('a1').factory('emulated')
    gin.parse_config(f'A1Limits.stale_seconds = {STALE_SECONDS}')
    env = registry.make('a1', seed=0, backend='emulated', episode_steps=15)
    yield env
    env.close()


def test_specs_are_those_of_the_twin(env):
    twin = registry.make('a1', seed=0)
    assert env.time_step_spec() == twin.time_step_spec()
    assert env.action_spec() == twin.action_spec()
    twin.close()


def test_steps_fit_the_spec_and_keep_the_rate(env):
    random = np.random.RandomState(0)
    env.reset()
    seconds, ends = [], 0
    for _ in range(45):
        began = time.monotonic()
        step = env.step(array_spec.sample_spec_nest(env.action_spec(), random))
        seconds.append(time.monotonic() - began)
        assert array_spec.check_arrays_nest(step, env.time_step_spec())
        if step.is_last():
            ends += 1
            env.reset()
    assert ends == 3
    # 50 ms, of which the time between two steps is part; a busy machine takes longer.
    assert 0.03 < np.median(seconds) < 0.15


def test_the_reward_is_that_of_the_twin_on_its_back(env):
    step = env.reset()
    for _ in range(10):
        step = env.step(np.array(c.STANDING_NORMALISED, np.float32))
    assert 4.9 < step.reward < 6 or env.get_info()['up_z'] > -0.9


def test_get_info_has_the_account(env):
    env.reset()
    env.step(np.zeros(12, np.float32))
    info = env.get_info()
    assert info['guardian_commands'] > 0 and info['guardian_faults'] == 0
    assert 0 <= info['observation_age_seconds'] < STALE_SECONDS
    for name in ('clips', 'vetoes', 'overruns', 'recoveries', 'holds', 'late_cycles'):
        assert info[f'guardian_{name}'] >= 0


@pytest.fixture
def commands(monkeypatch):
    """What the robot is told, in radians; it is told all the same."""
    told, command = [], A1Hardware.command
    def keep(self, values, seconds):
        told.append(np.array(values))
        command(self, values, seconds)
    monkeypatch.setattr(A1Hardware, 'command', keep)
    return told


def _let_it_sag(env):
    """The guardian damps a robot that nobody commands."""
    time.sleep(GuardianTimes().idle_seconds + 1.0)


def _run_into_a_fault(env):
    robot = env._robot
    robot._emulator.order('frozen 1')
    with pytest.raises(RobotError, match='sensors are'):
        for _ in range(100):
            env.step(FOLDED)
    robot._emulator.order('clear')
    time.sleep(1.0)
    env.reset()


FOLDED = np.array([0.8, 0.6, 0.9] * 4, np.float32)


@pytest.mark.parametrize('let_go', [_let_it_sag, _run_into_a_fault])
def test_targets_begin_where_the_joints_are_after_it_was_let_go(env, commands, let_go):
    env.reset()
    for _ in range(30):
        env.step(FOLDED)
    let_go(env)
    at = env._robot.read().values['joint_angles']
    last = commands[-1]
    assert np.abs(at - last).max() > 0.5  # It hangs otherwise than it was held.
    env.step(FOLDED)
    fresh = Butterworth(cutoff_hz=c.FILTER_CUTOFF_HZ, rate_hz=c.RATE_HZ)
    fresh.hold(to_action(at))
    np.testing.assert_allclose(commands[-1], to_radians(fresh(FOLDED)), atol=0.1)


def test_targets_go_on_where_they_were_through_the_end_of_an_episode(env, commands):
    env.reset()
    for _ in range(30):
        env.step(FOLDED)
    before = commands[-1]
    env.reset()
    env.step(FOLDED)
    np.testing.assert_allclose(commands[-1], before, atol=0.02)


def test_nonsense_is_refused_and_it_goes_on(env):
    env.reset()
    with pytest.raises(RobotError, match='finite'):
        env.step(np.full(12, np.nan, np.float32))
    with pytest.raises(RobotError, match='cannot be pushed'):
        env.push(np.ones(3))
    env.step(np.full(12, 9.0, np.float32))
