"""Updates of a real agent: metrics, resume, and what happens when numbers go wrong."""
import itertools

import numpy as np
import pytest
import tensorflow as tf
from tf_agents.specs import array_spec
from tf_agents.trajectories import time_step as ts

from dreamer_tf import config, trainer  # noqa: F401  trainer registers every configurable
from dreamer_tf.checkpoints import Checkpoints
from dreamer_tf.errors import UserError
from dreamer_tf.factory import make_agent
from dreamer_tf.learner import Learner

BATCH, TIME = 3, 6
OBSERVATION = {'angles': array_spec.ArraySpec((5,), np.float32)}
ACTION = array_spec.BoundedArraySpec((2,), np.float32, -1, 1)


def new_agent():
    config.load([config.gin_folder() / 'dreamer.gin', config.find_file('debug')])
    return make_agent(ts.time_step_spec(OBSERVATION), ACTION, seed=3)


def batch(seed, spoil=False):
    random = np.random.default_rng(seed)
    values = {
        'angles': random.normal(size=(BATCH, TIME, 5)),
        'prev_action': random.uniform(-1, 1, (BATCH, TIME, 2)),
        'reward': random.normal(size=(BATCH, TIME)) * (np.nan if spoil else 1),
    }
    flags = {key: tf.zeros((BATCH, TIME), bool) for key in ('is_last', 'is_terminal')}
    return {**{key: tf.constant(value, tf.float32) for key, value in values.items()}, **flags,
            'is_first': tf.constant(np.arange(TIME)[None].repeat(BATCH, 0) == 0)}


def weights(agent):
    return [variable.numpy() for variable in agent.variables]


def test_a_resumed_run_has_the_weights_of_an_uninterrupted_one(tmp_path, eagerly):
    whole = new_agent()
    learner = Learner(whole, map(batch, itertools.count()))
    for update in range(4):
        learner.update()
        if update == 1:
            Checkpoints(tmp_path, whole.checkpoint_items()).save(2, {})

    second = new_agent()
    Checkpoints(tmp_path, second.checkpoint_items()).restore()
    resumed = Learner(second, map(batch, itertools.count(2)))
    assert resumed.updates == 2
    for _ in range(2):
        metrics = resumed.update()
    assert resumed.updates == int(second.train_step_counter) == 4
    for one, other in zip(weights(whole), weights(second)):
        np.testing.assert_array_equal(one, other)
    assert metrics.shape == (len(resumed.names),) and 'loss' in resumed.names
    assert resumed.last_batch['angles'].shape == (BATCH, TIME, 5)


def test_a_loss_that_is_not_finite_is_refused_with_its_name(tmp_path, eagerly):
    agent = new_agent()
    saved = Checkpoints(tmp_path, agent.checkpoint_items())
    saved.save(1, {})
    learner = Learner(agent, iter([batch(0, spoil=True)]))
    with pytest.raises(UserError, match='update 1: .*reward_loss is nan.*last checkpoint'):
        learner.update()
    with pytest.raises(UserError, match='weights are not finite.*step 1 is kept'):
        saved.save(2, {})
