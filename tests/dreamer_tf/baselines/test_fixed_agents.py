"""Agents that do not learn."""
import numpy as np
import pytest
import tensorflow as tf

from dreamer_tf.baselines import catalog
from dreamer_tf.baselines.a1_walk import A1Walk
from dreamer_tf.errors import UserError
from robot_envs import registry
from robot_envs.a1 import scripted


@pytest.fixture
def sphero():
    env = registry.make('sphero', seed=0)
    yield env
    env.close()


def make(name, env, robot='sphero', seed=0):
    return catalog.make(name, robot, env.time_step_spec(), env.action_spec(), seed=seed)


def draw(agent, env, greedy=False, count=4):
    runner = agent.runner(env, greedy=greedy)
    return np.array([runner.action(None) for _ in range(count)])


def test_random_actions_are_a_function_of_seed_purpose_and_count(sphero):
    first, same, other = (make('random', sphero, seed=seed) for seed in (0, 0, 1))
    actions = draw(first, sphero)
    assert np.all(np.abs(actions) <= 1) and len(np.unique(actions)) == actions.size
    np.testing.assert_array_equal(actions[:2], draw(same, sphero, count=2))
    np.testing.assert_array_equal(actions[2:], draw(same, sphero, count=2))  # it goes on
    assert not np.any(actions == draw(other, sphero))
    assert not np.any(actions == draw(make('random', sphero), sphero, greedy=True))


def test_an_update_counts_itself(sphero):
    agent = make('random', sphero)
    info = tf.function(agent.train, autograph=False)({})
    assert float(info.loss) == 0.0 and int(agent.train_step_counter) == 1


def test_the_scripted_driver_reaches_the_goal(sphero):
    runner = make('scripted', sphero).runner(sphero, greedy=True)
    time_step = sphero.reset()
    rewards = []
    for _ in range(60):
        time_step = sphero.step(runner.action(time_step))
        rewards.append(float(time_step.reward))
    assert np.mean(rewards[-10:]) > -0.1


def test_the_a1_rolls_over_when_it_is_down_and_trots_when_it_is_up():
    walk, roll = A1Walk(), scripted.roll_over()
    for action in roll:  # to its end, however it lies
        np.testing.assert_array_equal(walk.action({'up_z': -1.0}), action)
    np.testing.assert_array_equal(walk.action({'up_z': 0.9}), scripted.trot(0.0))
    assert np.any(walk.action({'up_z': 0.9}) != scripted.trot(0.0))
    np.testing.assert_array_equal(walk.action({'up_z': 0.1}), roll[0])


@pytest.mark.parametrize('robot', ['ur5', 'xarm'])
def test_the_arms_have_a_script(robot):
    env = registry.make(robot, seed=0)
    runner = make('scripted', env, robot).runner(env, greedy=False)
    time_step = env.reset()
    for _ in range(12):
        time_step = env.step(runner.action(time_step))
    assert make('scripted', env, robot).num_discrete_actions == 6
    env.close()


def test_a_robot_without_script_and_an_unknown_agent_are_told(sphero):
    with pytest.raises(UserError, match="no program for the robot 'roomba', only for a1, sphero"):
        make('scripted', sphero, 'roomba')
    with pytest.raises(UserError, match="unknown agent 'dqn'; choose one of: dreamer, random, "):
        make('dqn', sphero)
