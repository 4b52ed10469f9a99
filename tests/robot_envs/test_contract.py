"""What every registered robot must do: to register a robot is to test it."""

import gc
import importlib.util

import numpy as np
import pytest
import tensorflow as tf
from tf_agents.specs import array_spec
from tf_agents.trajectories import time_step as ts

from robot_envs import registry
from robot_envs.errors import RobotError

LEAK_STEPS = 1000
LEAK_BYTES = 8 * 2**20


# One of each kind, where its package is installed.
WORLDS = [name for name, package in (('dmc:cartpole_swingup', 'dm_control'),
                                     ('gym:Pendulum-v1', 'gymnasium'))
          if importlib.util.find_spec(package)]


@pytest.fixture(params=registry.names() + WORLDS)
def name(request):
    return request.param


@pytest.fixture
def env(name):
    env = registry.make(name, seed=1)
    yield env
    env.close()


def _actions(env, count, seed=0):
    random = np.random.RandomState(seed)  # TF-Agents samples whole numbers with these only.
    return [array_spec.sample_spec_nest(env.action_spec(), random) for _ in range(count)]


def _same(one: ts.TimeStep, other: ts.TimeStep) -> bool:
    pairs = zip(tf.nest.flatten(one), tf.nest.flatten(other))
    return all(np.array_equal(a, b) for a, b in pairs)


def test_specs_are_named_arrays_and_a_bounded_action(env):
    specs = env.observation_spec()
    assert isinstance(specs, dict) and specs
    for key, spec in specs.items():
        assert spec.dtype in (np.uint8, np.float32), key
    action = env.action_spec()
    assert isinstance(action, array_spec.BoundedArraySpec)
    if np.issubdtype(action.dtype, np.floating):
        assert action.dtype == np.float32 and len(action.shape) == 1
        assert np.all(action.minimum == -1) and np.all(action.maximum == 1)
    else:
        assert action.dtype == np.int32 and action.shape == () and action.minimum == 0


def test_every_step_fits_the_spec(env):
    spec = env.time_step_spec()
    steps = [env.reset()] + [env.step(action) for action in _actions(env, 60)]
    for step in steps:
        assert array_spec.check_arrays_nest(step, spec)
        assert step.discount == 1
    assert steps[0].is_first() and steps[0].reward == 0
    assert all(step.is_mid() for step in steps[1:])


def test_episodes_follow_each_other_for_ever(name):
    length = 5
    env = registry.make(name, seed=2, episode_steps=length)
    kinds = [int(env.reset().step_type)]
    kinds += [int(env.step(action).step_type) for action in _actions(env, 3 * (length + 1) - 1)]
    first, mid, last = (int(kind) for kind in (
        ts.StepType.FIRST, ts.StepType.MID, ts.StepType.LAST))
    assert kinds == ([first] + [mid] * (length - 1) + [last]) * 3
    env.close()


def test_time_limit_truncates_and_does_not_end(name):
    env = registry.make(name, seed=2, episode_steps=2)
    env.reset()
    step = [env.step(action) for action in _actions(env, 2)][-1]
    assert step.is_last() and step.discount == 1
    env.close()


def test_default_episode_length(name, env):
    env.reset()
    for index, action in enumerate(_actions(env, registry.get(name).episode_steps), 1):
        step = env.step(action)
    assert step.is_last() and index == registry.get(name).episode_steps


def test_step_before_reset_is_a_reset(env):
    assert env.step(_actions(env, 1)[0]).is_first()


def test_reset_in_an_episode_starts_another(env):
    env.reset()
    env.step(_actions(env, 1)[0])
    assert env.reset().is_first()
    assert env.step(_actions(env, 1)[0]).is_mid()


def test_same_seed_same_steps_and_another_seed_others(name):
    runs = []
    for seed in (3, 3, 4):
        env = registry.make(name, seed=seed, episode_steps=12)
        runs.append([env.reset()] + [env.step(action) for action in _actions(env, 30)])
        env.close()
    assert all(_same(a, b) for a, b in zip(runs[0], runs[1]))
    assert not all(_same(a, b) for a, b in zip(runs[0], runs[2]))


def test_steps_do_not_share_memory(env):
    first = env.reset()
    kept = tf.nest.map_structure(np.copy, first)
    for action in _actions(env, 5):
        env.step(action)
    assert _same(first, kept)


def test_actions_change_what_happens(name):
    ends = []
    for seed in (5, 6):
        env = registry.make(name, seed=3)
        env.reset()
        ends.append([env.step(action) for action in _actions(env, 10, seed)][-1])
        env.close()
    assert not _same(*ends)


def test_not_finite_action_is_refused_by_name(name, env):
    env.reset()
    spec = env.action_spec()
    for bad in (np.nan, np.inf):
        with pytest.raises(RobotError, match=f'^{name}: action: '):
            env.step(np.full(spec.shape, bad))
    assert env.step(_actions(env, 1)[0]).is_mid()


def test_close_twice_is_harmless(name):
    env, other = registry.make(name, seed=0), registry.make(name, seed=0)
    expected = env.reset()
    env.close()
    env.close()
    assert _same(other.reset(), expected)
    other.close()


def test_robots_do_not_influence_each_other(name):
    alone = registry.make(name, seed=7)
    alone.reset()
    expected = [alone.step(action) for action in _actions(alone, 10)]
    alone.close()
    one, other = registry.make(name, seed=7), registry.make(name, seed=8)
    one.reset(), other.reset()
    for want, action, noise in zip(expected, _actions(one, 10), _actions(one, 10, seed=9)):
        other.step(noise)
        assert _same(one.step(action), want)
    one.close(), other.close()


def _resident_bytes() -> int:
    with open('/proc/self/statm') as statm:
        return int(statm.read().split()[1]) * 4096


# The xArm differs from the UR5 by a second picture.
@pytest.mark.parametrize('name', [
    pytest.param(name, marks=[pytest.mark.long] * (name == 'xarm'))
    for name in registry.names() + WORLDS], indirect=True)
def test_no_leak(env):
    env.reset()
    actions = _actions(env, 100)
    for index in range(300):
        env.step(actions[index % 100])
    gc.collect()
    before = _resident_bytes()
    for index in range(LEAK_STEPS):
        env.step(actions[index % 100])
    gc.collect()
    assert _resident_bytes() - before < LEAK_BYTES
