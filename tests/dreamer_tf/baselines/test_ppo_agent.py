"""PPO: what it makes of a rollout, on the UR5's specs, and a game whose optimum is known."""
import numpy as np
import pytest
import tensorflow as tf
from tf_agents.agents.ppo import ppo_utils
from tf_agents.specs import array_spec
from tf_agents.trajectories import time_step as ts

from dreamer_tf import checkpoints
from dreamer_tf.baselines.ppo import make_ppo
from dreamer_tf.errors import UserError
from robot_batches import played, sequences
from robot_envs import registry

VECTORS = {'state': array_spec.ArraySpec((4,), np.float32)}
ACTION = array_spec.BoundedArraySpec((), np.int32, 0, 2)


def make(observation=None, action=ACTION, seed=0, **keywords):
    settings = {'units': 16, 'minibatch_size': 8, 'epochs': 2, 'learning_rate': 1e-3, **keywords}
    return make_ppo(ts.time_step_spec(observation or VECTORS), action, robot='toy', seed=seed,
                    **settings)


def rollout(agent, seed=0, length=17):
    random = np.random.default_rng(seed)
    last = np.zeros((1, length), bool)
    last[0, 7] = True
    first = np.roll(last, 1, axis=1)
    first[0, 0] = True
    return {'state': random.normal(3, 2, (1, length, 4)).astype(np.float32),
            'prev_action': np.eye(3, dtype=np.float32)[random.integers(3, size=(1, length))],
            'reward': random.normal(size=(1, length)).astype(np.float32),
            'is_first': first, 'is_last': last, 'is_terminal': np.zeros_like(last)}


def as_tensors(batch):
    return {key: tf.constant(value) for key, value in batch.items()}


def read(agent):
    return [v.numpy() for v in agent.variables]


def test_a_rollout_pairs_each_observation_with_the_action_from_it():
    agent = make(reward_scale=0.5, discount=0.9, lambda_=0.0)
    batch = rollout(agent)
    entries, made = agent._rollout(as_tensors(batch))
    np.testing.assert_array_equal(entries.action[:, 0], batch['prev_action'][0, 1:].argmax(-1))
    np.testing.assert_array_equal(made[:, 0], np.arange(16) != 7)
    seen = agent.observations({'state': tf.constant(batch['state'][0])})
    np.testing.assert_array_equal(entries.observation['state'][:, 0], seen['state'][:-1])
    value, _ = agent.networks['critic'](seen, step_type=tf.ones(17, tf.int32))
    one_step = 0.5 * batch['reward'][0, 1:] + 0.9 * value[1:] - value[:-1]
    np.testing.assert_allclose(entries.policy_info['advantage'][:, 0],
                               np.where(np.arange(16) == 7, 0, one_step), atol=1e-5)
    spec = agent.inner._action_distribution_spec
    old = ppo_utils.distribution_from_spec(spec, entries.policy_info['dist_params'], True)
    chosen, _ = agent.networks['actor'](
        {'state': seen['state'][:-1]}, step_type=tf.ones(16, tf.int32), network_state=())
    np.testing.assert_allclose(old.probs_parameter()[:, 0], chosen.probs_parameter(), atol=1e-5)


def test_an_update_moves_actor_critic_and_moments_and_counts_once():
    agent = make()
    before, kernels = read(agent), agent.networks['actor'].trainable_variables
    old = [v.numpy() for v in (*kernels, *agent.networks['critic'].trainable_variables)]
    info = agent.train(as_tensors(rollout(agent)))
    now = [v.numpy() for v in (*kernels, *agent.networks['critic'].trainable_variables)]
    assert np.isfinite(float(info.loss)) and int(agent.train_step_counter) == 1
    assert int(agent.optimizer.iterations) == 2 * 2  # epochs * minibatches
    assert all(np.any(a != b) for a, b in zip(old, now))
    assert len(before) == len(read(agent))
    assert abs(float(info.extra['ppo/entropy']) - np.log(3)) < 0.1
    seen = agent.observations({'state': tf.constant(rollout(agent)['state'][0])})['state'].numpy()
    assert np.all(np.abs(seen.mean(0)) < 0.2) and np.all(np.abs(seen.std(0) - 1) < 0.2)


def test_what_an_action_gains_makes_it_likelier():
    agent = make(epochs=4, learning_rate=3e-3, discount=0.0, entropy_scale=1e-3)
    train, runner = tf.function(agent.train, autograph=False), agent.runner(None, greedy=False)
    step = ts.restart({'state': np.ones(4, np.float32)})
    for _ in range(12):
        actions = np.array([int(runner.action(step)) for _ in range(17)])
        batch = rollout(agent)
        batch['state'][:] = 1.0
        batch['prev_action'][0] = np.eye(3)[actions]
        batch['reward'][0] = actions == 2
        train(as_tensors(batch))
    draws = [int(runner.action(step)) for _ in range(40)]
    assert np.mean(np.equal(draws, 2)) > 0.6
    assert int(agent.runner(None, greedy=True).action(step)) == 2
    assert int(agent.policies[False].draw_count) == 12 * 17 + 40


def test_updates_on_the_specs_of_the_ur5(tmp_path):
    env = registry.make('ur5', seed=0)
    agents = [make_ppo(env.time_step_spec(), env.action_spec(), robot='ur5', seed=0, cnn_depth=2,
                       units=8, minibatch_size=8, epochs=1) for _ in range(2)]
    agent, restored = agents
    runner = agent.runner(env, greedy=False)
    steps = played(env, agent, 17, runner.action)
    batch = as_tensors(sequences(steps, 17, [0]))
    before = read(agent)
    train = tf.function(agent.train, autograph=False)
    losses = [float(train(batch).loss) for _ in range(2)]
    assert np.all(np.isfinite(losses)) and agent.num_discrete_actions == 6
    assert np.mean([np.any(a != b) for a, b in zip(before, read(agent))]) > 0.9
    checkpoints.Checkpoints(tmp_path, agent.checkpoint_items()).save(1, {})
    checkpoints.Checkpoints(tmp_path, restored.checkpoint_items()).restore()
    assert int(restored.train_step_counter) == 2
    for one in agents:  # moments of Adam, counters and moments of observations came back too
        one.train(batch)
    for left, right in zip(read(agent), read(restored)):
        np.testing.assert_allclose(left, right, rtol=1e-3, atol=1e-4)
    env.close()


def test_what_it_cannot_control_is_told():
    move = array_spec.BoundedArraySpec((1,), np.float32, -1.0, 1.0)
    with pytest.raises(UserError, match="ppo has discrete actions only, those of 'toy'.*sac"):
        make(action=move)
    small = {'image': array_spec.BoundedArraySpec((16, 16, 1), np.uint8, 0, 255)}
    with pytest.raises(UserError, match="ppo cannot see 'toy': .*64 x 64"):
        make(small)
    with pytest.raises(UserError, match='16 transitions, fewer than make_ppo.minibatch_size=64'):
        agent = make(minibatch_size=64)
        agent.train(as_tensors(rollout(agent)))
    with pytest.raises(UserError, match='entropy_scale above 0'):
        make(entropy_scale=0.0)
