"""Soft actor-critic: transitions, normalisation, and a task whose optimum is known."""
import numpy as np
import pytest
import tensorflow as tf
from tf_agents.specs import array_spec
from tf_agents.trajectories import time_step as ts

from dreamer_tf import checkpoints
from dreamer_tf.baselines.sac import make_sac
from dreamer_tf.errors import UserError

OBSERVATION = {'place': array_spec.ArraySpec((1,), np.float32),
               'goal': array_spec.ArraySpec((1,), np.float32)}
ACTION = array_spec.BoundedArraySpec((1,), np.float32, -1.0, 1.0)


def make(seed=0, **keywords):
    return make_sac(ts.time_step_spec(OBSERVATION), ACTION, robot='toy', seed=seed,
                    **{'units': (32, 32), 'learning_rate': 3e-3, **keywords})


def reach_batch(random, size=128):
    """One step to a goal: the reward is minus the distance between action and goal, squared."""
    goal = random.uniform(-0.8, 0.8, (size, 2, 1)).astype(np.float32)
    goal[:, 1] = goal[:, 0]
    action = random.uniform(-1, 1, (size, 2, 1)).astype(np.float32)
    end = np.tile([False, True], (size, 1))
    return {'place': 50 + 7 * random.normal(size=(size, 2, 1)).astype(np.float32), 'goal': goal,
            'prev_action': action, 'reward': -np.square(action - goal)[..., 0],
            'is_first': ~end, 'is_last': end, 'is_terminal': end}


def as_tensors(batch):
    return {key: tf.constant(value) for key, value in batch.items()}


def read(agent):
    return [variable.numpy() for variable in agent.inner.variables]


@pytest.mark.long
def test_it_learns_to_reach_a_goal_in_one_step():
    agent, random = make(), np.random.default_rng(0)
    train = tf.function(agent.train, autograph=False)
    for _ in range(500):
        train(as_tensors(reach_batch(random)))
    runner = agent.runner(None, greedy=True)
    for goal in (-0.6, 0.0, 0.5):
        step = ts.restart({'place': np.float32([50]), 'goal': np.float32([goal])})
        assert abs(runner.action(step)[0] - goal) < 0.15
    assert int(agent.train_step_counter) == 500


def test_an_update_moves_actor_critics_targets_and_temperature_and_counts():
    agent = make()
    before = read(agent)
    targets = [v.numpy() for v in agent.inner._target_critic_network_1.variables]
    actor = [v.numpy() for v in agent.inner._actor_network.trainable_variables]
    info = agent.train(as_tensors(reach_batch(np.random.default_rng(0))))
    assert np.isfinite(float(info.loss)) and int(agent.train_step_counter) == 1
    assert len(before) == len(read(agent))
    for network, old in ((agent.inner._target_critic_network_1, targets),
                         (agent.inner._actor_network, actor)):
        now = network.trainable_variables if old is actor else network.variables
        assert all(np.any(a != b.numpy()) for a, b in zip(old, now) if 'bias' not in b.name)
    assert float(agent.inner._log_alpha) != 0.0


def test_what_spans_two_episodes_has_no_weight_and_only_terminal_ends_are_worth_nothing():
    agent, batch = make(), reach_batch(np.random.default_rng(0), 3)
    batch['is_first'] = np.array([[1, 0], [0, 1], [0, 0]], bool)
    batch['is_terminal'] = np.array([[0, 1], [0, 0], [0, 0]], bool)
    transition, weights = agent._transitions(as_tensors(batch))
    np.testing.assert_array_equal(weights, [1, 0, 1])
    np.testing.assert_array_equal(transition.next_time_step.discount, [0, 1, 1])
    np.testing.assert_array_equal(transition.next_time_step.reward, batch['reward'][:, 1])
    np.testing.assert_array_equal(transition.action_step.action, batch['prev_action'][:, 1])


def test_observations_are_normalised():
    agent, random = make(), np.random.default_rng(0)
    for _ in range(5):
        transition, _ = agent._transitions(as_tensors(reach_batch(random, 500)))
    place = transition.time_step.observation[:, 1]  # keys in the order of their names
    assert abs(np.mean(place)) < 0.1 and abs(np.std(place) - 1) < 0.1


def test_a_checkpoint_brings_back_everything_that_an_update_needs(tmp_path):
    first, second = make(), make(seed=1)
    batch = as_tensors(reach_batch(np.random.default_rng(0)))
    first.train(batch)
    checkpoints.Checkpoints(tmp_path, first.checkpoint_items()).save(1, {})
    checkpoints.Checkpoints(tmp_path, second.checkpoint_items()).restore()
    moments = [[v.numpy() for o in (a.inner._actor_optimizer, a.inner._critic_optimizer,
                                    a.inner._alpha_optimizer) for v in o.variables()]
               for a in (first, second)]
    assert len(moments[0]) > 10
    for left, right in zip(moments[0] + read(first), moments[1] + read(second)):
        np.testing.assert_array_equal(left, right)
    for left, right in zip(first.normaliser.variables, second.normaliser.variables):
        np.testing.assert_array_equal(left, right)


def test_what_it_cannot_control_is_told():
    picture = {'image': array_spec.ArraySpec((8, 8, 3), np.uint8)}
    with pytest.raises(UserError, match=r"vectors only.*'image'.*drqv2"):
        make_sac(ts.time_step_spec(picture), ACTION, robot='toy', seed=0)
    with pytest.raises(UserError, match="those of 'toy' are discrete"):
        make_sac(ts.time_step_spec(OBSERVATION), array_spec.BoundedArraySpec((), np.int32, 0, 5),
                 robot='toy', seed=0)
    batch = {key: value[:, :1] for key, value in reach_batch(np.random.default_rng(0)).items()}
    with pytest.raises(UserError, match='sequence_length of 2'):
        make().train(as_tensors(batch))
