"""DrQ-v2: who learns from what, and a task in pictures whose optimum is known."""
import numpy as np
import pytest
import tensorflow as tf
from tf_agents.specs import array_spec
from tf_agents.trajectories import time_step as ts

from dreamer_tf import checkpoints
from dreamer_tf.baselines.drqv2 import make_drqv2
from dreamer_tf.errors import UserError

SIZE = 16
PICTURE = {'image': array_spec.BoundedArraySpec((SIZE, SIZE, 1), np.uint8, 0, 255)}
ACTION = array_spec.BoundedArraySpec((1,), np.float32, -1.0, 1.0)


def make(seed=0, **keywords):
    settings = {'channels': 8, 'features': 16, 'units': 32, 'learning_rate': 2e-3,
                'frame_stack': 1, 'n_step': 1, 'shift_pixels': 1, 'noise_steps': 100, **keywords}
    return make_drqv2(ts.time_step_spec(PICTURE), ACTION, robot='toy', seed=seed, **settings)


def picture(goal):
    """A bright left half asks for the action -0.5, a bright right half for 0.5."""
    image = np.zeros((SIZE, SIZE, 1), np.uint8)
    half = slice(0, SIZE // 2) if goal < 0 else slice(SIZE // 2, SIZE)
    image[:, half] = 255
    return image


def toy_batch(random, size=32, length=2):
    goals = np.where(random.random(size) < 0.5, -0.5, 0.5).astype(np.float32)
    action = random.uniform(-1, 1, (size, length, 1)).astype(np.float32)
    end = np.zeros((size, length), bool)
    end[:, -1] = True
    first = np.zeros((size, length), bool)
    first[:, 0] = True
    return {'image': tf.constant(np.stack([np.stack([picture(g)] * length) for g in goals])),
            'prev_action': tf.constant(action),
            'reward': tf.constant(-np.square(action[..., 0] - goals[:, None])),
            'is_first': tf.constant(first), 'is_last': tf.constant(end),
            'is_terminal': tf.constant(end)}


def read(agent):
    return {name: [v.numpy() for v in model.variables] for name, model in agent.models.items()}


def moved(before, after):
    return [np.any(a != b) for a, b in zip(before, after)]


@pytest.mark.long
def test_it_learns_what_a_picture_asks_for():
    agent, random = make(), np.random.default_rng(0)
    train = tf.function(agent.train, autograph=False)
    for _ in range(400):
        train(toy_batch(random))
    runner = agent.runner(None, greedy=True)
    for goal in (-0.5, 0.5):
        assert abs(runner.action(ts.restart({'image': picture(goal)}))[0] - goal) < 0.2


def test_an_update_moves_everything_and_the_target_by_its_rate():
    agent = make(target_update_rate=0.25)
    before = read(agent)
    info = agent.train(toy_batch(np.random.default_rng(0)))
    after = read(agent)
    assert np.isfinite(float(info.loss)) and int(agent.train_step_counter) == 1
    for name in ('encoder', 'actor', 'critic', 'target_critic'):
        assert np.mean(moved(before[name], after[name])) > 0.8, name
    for old, new, online in zip(before['target_critic'], after['target_critic'], after['critic']):
        np.testing.assert_allclose(new, 0.75 * old + 0.25 * online, rtol=1e-4, atol=1e-6)


def test_the_actor_does_not_train_the_encoder_nor_the_critics():
    agent = make()
    before = read(agent)
    embedding = agent.models['encoder'](toy_batch(np.random.default_rng(0))['image'][:, 0])
    agent._train_actor(embedding, tf.ones((32, 1)), tf.constant([1, 2]))
    after = read(agent)
    assert any(moved(before['actor'], after['actor']))
    for name in ('encoder', 'critic', 'target_critic'):
        assert not any(moved(before[name], after[name]))


def test_a_start_behind_the_end_of_an_episode_teaches_nothing():
    agent, batch = make(), toy_batch(np.random.default_rng(0))
    batch['is_last'] = tf.ones_like(batch['is_last'])
    before = read(agent)
    agent.train(batch)
    for name in ('encoder', 'critic', 'actor'):
        assert not any(moved(before[name], read(agent)[name]))


def test_the_start_of_a_batch_takes_stack_action_and_n_steps_where_they_belong():
    agent = make(frame_stack=2, n_step=2, discount=0.5)
    batch = toy_batch(np.random.default_rng(0), 3, length=4)
    numbered = np.broadcast_to(np.arange(4, dtype=np.uint8)[:, None, None, None],
                               (3, 4, SIZE, SIZE, 1))
    batch['image'] = tf.constant(numbered)
    now, action, later, gained = agent._start(batch)
    assert now[0, 0, 0].numpy().tolist() == [0, 1]
    assert later[0, 0, 0].numpy().tolist() == [2, 3]
    np.testing.assert_array_equal(action, batch['prev_action'][:, 2])
    reward = batch['reward'].numpy()
    np.testing.assert_allclose(gained.returns, reward[:, 2] + 0.5 * reward[:, 3], rtol=1e-6)


def test_the_collecting_policy_is_noisy_and_counts_its_steps():
    agent = make()
    step = ts.restart({'image': picture(0.5)})
    collect, greedy = agent.runner(None, greedy=False), agent.runner(None, greedy=True)
    assert len({float(collect.action(step)[0]) for _ in range(5)}) > 2
    assert greedy.action(step)[0] == greedy.action(step)[0]
    assert int(agent.policies[0].draw_count) == 5 and int(agent.policies[1].draw_count) == 0
    np.testing.assert_allclose(agent.policies[0].noise_scale(), 1 - 0.9 * 0.05, rtol=1e-5)


def test_a_restored_agent_makes_the_same_update(tmp_path):
    random = np.random.default_rng(0)
    first, second, batch = make(), make(seed=0), toy_batch(random)
    first.train(batch)
    checkpoints.Checkpoints(tmp_path, first.checkpoint_items()).save(1, {})
    checkpoints.Checkpoints(tmp_path, second.checkpoint_items()).restore()
    for agent in (first, second):
        agent.train(batch)
    for name, values in read(first).items():
        for left, right in zip(values, read(second)[name]):
            np.testing.assert_allclose(left, right, rtol=1e-4, atol=1e-5)


def test_what_it_cannot_control_is_told():
    vectors = {'speed': array_spec.ArraySpec((2,), np.float32)}
    with pytest.raises(UserError, match=r"one picture.*'toy' gives \['speed'\].*sac"):
        make_drqv2(ts.time_step_spec(vectors), ACTION, robot='toy', seed=0)
    with pytest.raises(UserError, match='discrete'):
        make_drqv2(ts.time_step_spec(PICTURE), array_spec.BoundedArraySpec((), np.int32, 0, 5),
                   robot='toy', seed=0)
    with pytest.raises(UserError, match='sequence_length of 5 or more'):
        make(frame_stack=2, n_step=3).train(toy_batch(np.random.default_rng(0)))
