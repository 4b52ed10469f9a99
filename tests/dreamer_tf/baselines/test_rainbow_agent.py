"""Rainbow: transitions, double Q, priorities, and the UR5's specs."""
import numpy as np
import pytest
import tensorflow as tf
from tf_agents.agents.categorical_dqn import categorical_dqn_agent
from tf_agents.specs import array_spec
from tf_agents.trajectories import time_step as ts

from dreamer_tf import checkpoints
from dreamer_tf.baselines.rainbow import make_rainbow
from dreamer_tf.errors import UserError
from dreamer_tf.learner import Learner
from dreamer_tf.replay.batch_iterator import BatchIterator
from dreamer_tf.replay.kind import ReplayKind
from dreamer_tf.replay.priorities import ITEM_KEY, PRIORITIES, Priorities
from dreamer_tf.replay.sequence_dataset import make_sequence_dataset
from dreamer_tf.replay.sequence_writer import SequenceWriter
from dreamer_tf.replay.server import ReplayServer
from dreamer_tf.replay.tables import make_replay_table
from robot_batches import played, sequences, with_items
from robot_envs import registry

VECTORS = {'state': array_spec.ArraySpec((4,), np.float32)}
ACTION = array_spec.BoundedArraySpec((), np.int32, 0, 2)


def make(observation=None, action=ACTION, seed=0, **keywords):
    settings = {'units': 16, 'atoms': 11, 'n_step': 2, 'learning_rate': 1e-3,
                'value_range': (-2.0, 2.0), 'discount': 0.5, **keywords}
    return make_rainbow(ts.time_step_spec(observation or VECTORS), action, robot='toy', seed=seed,
                        **settings)


def drawn(size=8, length=3, probability=0.01):
    random = np.random.default_rng(0)
    no = np.zeros((size, length), bool)
    batch = {'state': random.normal(3, 2, (size, length, 4)).astype(np.float32),
             'prev_action': np.eye(3, dtype=np.float32)[random.integers(3, size=(size, length))],
             'reward': random.normal(size=(size, length)).astype(np.float32),
             'is_first': no, 'is_last': no.copy(), 'is_terminal': no.copy()}
    return with_items(batch, probability)


def as_tensors(batch):
    return {key: tf.constant(value) for key, value in batch.items()}


def read(agent, name='online'):
    return [v.numpy() for v in agent.networks[name].variables]


def test_transitions_take_action_return_and_last_state_where_they_belong():
    agent, batch = make(reward_scale=10.0), drawn(3)
    batch['is_last'] = np.array([[0, 0, 0], [0, 1, 0], [1, 0, 0]], bool)
    batch['is_first'] = np.array([[0, 0, 0], [0, 0, 1], [0, 1, 0]], bool)
    batch['is_terminal'] = np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]], bool)
    transition, made = agent._transitions(as_tensors(batch))
    now, step, later = transition
    r = batch['reward']
    np.testing.assert_array_equal(made, [1, 1, 0])
    np.testing.assert_array_equal(step.action, batch['prev_action'][:, 1].argmax(-1))
    np.testing.assert_allclose(
        later.reward[:2], [10 * (r[0, 1] + 0.5 * r[0, 2]), 10 * r[1, 1]], rtol=1e-5)
    np.testing.assert_array_equal(later.discount[:2], [0.25, 0.0])
    seen = lambda x: agent.observations({'state': tf.constant(x)})['state']
    np.testing.assert_array_equal(now.observation['state'], seen(batch['state'][:, 0]))
    np.testing.assert_array_equal(later.observation['state'][:2],
                                  seen(batch['state'][[0, 1], [2, 1]]))


def test_the_online_network_chooses_and_the_target_network_tells():
    agent = make()
    for variable in agent.networks['target'].trainable_variables:
        variable.assign(tf.random.normal(variable.shape))
    later = agent._transitions(as_tensors(drawn(64)))[0].next_time_step
    own, other = tf.constant([1, 2]), tf.constant([3, 4])
    inner, support = agent.inner, agent.inner.support.numpy()
    online = tf.nn.softmax(agent.networks['online'](later.observation, seed=own)[0]).numpy()
    target = tf.nn.softmax(agent.networks['target'](later.observation, seed=other)[0]).numpy()
    there, choices = [], []
    for b in range(64):
        values = [sum(online[b, a] * support) for a in range(3)]
        choices.append(int(np.argmax(values)))
        there.append(target[b, choices[-1]])
    own_choices = [int(np.argmax([sum(target[b, a] * support) for a in range(3)]))
                   for b in range(64)]
    assert choices != own_choices  # so that the test can tell the two apart
    shifted = later.reward.numpy()[:, None] + later.discount.numpy()[:, None] * support
    wanted = categorical_dqn_agent.project_distribution(
        tf.constant(shifted), tf.constant(np.array(there)), inner.support)
    np.testing.assert_allclose(inner._target(later, own, other), wanted, atol=1e-5)


def test_an_update_moves_all_and_the_target_follows_in_its_period():
    agent = make(target_update_period=2)
    before, target = read(agent), read(agent, 'target')
    info = agent.train(as_tensors(drawn()))
    assert np.isfinite(float(info.loss)) and int(agent.train_step_counter) == 1
    assert all(np.any(a != b) for a, b in zip(before, read(agent)))
    for old, new in zip(target, read(agent, 'target')):
        np.testing.assert_array_equal(old, new)
    agent.train(as_tensors(drawn()))
    for new, online in zip(read(agent, 'target'), read(agent)):
        np.testing.assert_array_equal(new, online)


def test_priorities_are_the_divergences_and_nought_behind_the_end_of_an_episode():
    agent, batch = make(), drawn(4)
    batch['is_last'][1, 0] = True
    batch['is_first'][1, 1] = True
    assert agent.new_priority() == 1.0
    info = agent.train(as_tensors(batch))
    priorities = info.extra[PRIORITIES].numpy()
    assert priorities[1] == 0 and np.all(np.delete(priorities, 1) > 0)
    assert agent.new_priority() == pytest.approx(priorities.max())
    highest = max(priorities.max(), agent.train(as_tensors(batch)).extra[PRIORITIES].numpy().max())
    assert agent.new_priority() == pytest.approx(highest)


def test_what_is_drawn_often_weighs_less():
    losses = {}
    for name, probability in (('alike', [0.01] * 8), ('other', [0.01] * 4 + [0.5] * 4)):
        batch = drawn(probability=probability)
        info = make(weight_exponents=(1.0, 1.0)).train(as_tensors(batch))
        losses[name] = float(info.loss)
        divergence = info.extra[PRIORITIES].numpy() - 1e-3
    weights = np.array([1.0] * 4 + [0.02] * 4)
    assert losses['other'] == pytest.approx(np.mean(weights * divergence), rel=1e-4)
    assert losses['alike'] == pytest.approx(np.mean(divergence), rel=1e-4)


def test_the_collecting_policy_is_noisy_and_the_other_is_not():
    agent = make(noise_scale=3.0)
    step = ts.restart({'state': np.ones(4, np.float32)})
    collect, greedy = agent.runner(None, greedy=False), agent.runner(None, greedy=True)
    assert len({int(collect.action(step)) for _ in range(30)}) > 1
    assert len({int(greedy.action(step)) for _ in range(10)}) == 1
    assert int(agent.policies[False].draw_count) == 30
    assert int(agent.policies[True].draw_count) == 0


@pytest.mark.long
def test_it_learns_the_worth_of_a_choice_that_pays_two_steps_later():
    """From the state s the action of the largest s pays 1 two steps later, the others nothing."""
    agent, random = make(learning_rate=3e-3, discount=1.0), np.random.default_rng(0)
    train = tf.function(agent.train, autograph=False)
    for _ in range(300):
        batch = drawn(32)
        batch['state'] = random.normal(size=(32, 3, 4)).astype(np.float32)
        best, chosen = batch['state'][:, 0, :3].argmax(-1), random.integers(3, size=32)
        batch['prev_action'][:, 1] = np.eye(3)[chosen]
        batch['reward'][:] = 0
        batch['reward'][:, 2] = best == chosen
        batch['is_last'][:, 2] = batch['is_terminal'][:, 2] = True
        train(as_tensors(batch))
    states = random.normal(size=(200, 4)).astype(np.float32)
    logits, _ = agent.networks['online'](agent.observations({'state': tf.constant(states)}))
    values = agent.inner.values(logits).numpy()
    assert np.mean(values.argmax(-1) == states[:, :3].argmax(-1)) > 0.85
    assert abs(values.max(-1).mean() - 1) < 0.2 and abs(values.min(-1).mean()) < 0.2


def test_updates_on_the_specs_of_the_xarm_and_a_restored_agent_goes_on_alike(tmp_path):
    env = registry.make('xarm', seed=0)
    agents = [make_rainbow(env.time_step_spec(), env.action_spec(), robot='xarm', seed=0,
                           cnn_depth=2, units=8, target_update_period=3) for _ in range(2)]
    agent, restored = agents
    batch = as_tensors(with_items(sequences(played(env, agent, 12), 4, range(8)), 0.1))
    before = read(agent)
    train = tf.function(agent.train, autograph=False)
    infos = [train(batch) for _ in range(2)]
    assert np.all(np.isfinite([float(info.loss) for info in infos]))
    assert np.any(infos[0].extra[PRIORITIES] != infos[1].extra[PRIORITIES])
    assert np.mean([np.any(a != b) for a, b in zip(before, read(agent))]) > 0.9
    checkpoints.Checkpoints(tmp_path, agent.checkpoint_items()).save(1, {})
    checkpoints.Checkpoints(tmp_path, restored.checkpoint_items()).restore()
    assert restored.new_priority() == agent.new_priority()
    for one in agents:  # the third update, at which the target follows
        one.train(batch)
    for name in ('online', 'target'):
        for left, right in zip(read(agent, name), read(restored, name)):
            np.testing.assert_allclose(left, right, rtol=1e-3, atol=1e-4)
    env.close()


def test_the_learner_writes_the_priorities_into_the_table():
    agent = make(n_step=3)
    table = make_replay_table(
        agent.replay_signature, capacity_steps=100, sequence_length=4, min_items=4,
        replay_ratio=400, kind=ReplayKind.PRIORITISED)
    with ReplayServer(table) as server:
        writer = SequenceWriter(server.client)
        rows = as_tensors(drawn(1, length=12))
        for t in range(12):
            writer.append({key: rows[key][0, t].numpy() for key in agent.replay_signature})
        writer.flush()
        batches = BatchIterator(
            make_sequence_dataset(server.address, batch_size=8, with_items=True), server.client)
        learner = Learner(agent, batches, Priorities(server.client))
        metrics = [learner.update() for _ in range(3)]
        assert len(learner.names) == metrics[0].shape[0] and PRIORITIES not in learner.names
        drawn_keys = set(learner.last_batch[ITEM_KEY].numpy().tolist())
        found = {sample[0].info.key: sample[0].info.priority
                 for sample in server.client.sample('replay', 60)}
        assert drawn_keys & set(found) and all(
            0 < found[key] != 1.0 for key in drawn_keys & set(found))
        server.stop()
        batches.close()


def test_what_it_cannot_control_is_told():
    move = array_spec.BoundedArraySpec((1,), np.float32, -1.0, 1.0)
    with pytest.raises(UserError, match="rainbow has discrete actions only, those of 'toy'.*sac"):
        make(action=move)
    with pytest.raises(UserError, match=r'sequence_length of n_step \+ 1 = 3 or more'):
        make().train(as_tensors(drawn(length=2)))
    with pytest.raises(UserError, match='value_range that rises'):
        make(value_range=(1.0, 1.0))
