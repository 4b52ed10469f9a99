"""Fake batches: the specs of the replay, and episodes that begin and end inside."""

import numpy as np
import pytest
import tensorflow as tf

from benchmarks.agents import fake_batch
from dreamer_tf.replay.step_spec import replay_step_spec
from robot_envs import registry


@pytest.mark.parametrize("robot", ["a1", "sphero"])
def test_fake_batch(robot):
    environment = registry.make(robot, seed=0)
    signature = replay_step_spec(environment.time_step_spec(), environment.action_spec())
    environment.close()
    batch = fake_batch(signature, 16, 32)
    assert batch.keys() == signature.keys()
    for key, spec in signature.items():
        assert batch[key].dtype == spec.dtype
        assert batch[key].shape == (16, 32, *spec.shape)
    numbers = {key: value.numpy() for key, value in batch.items()}
    first, last, terminal = (numbers[f"is_{x}"] for x in ("first", "last", "terminal"))
    assert np.array_equal(first[:, 1:], last[:, :-1])
    assert 3 < first.sum() < 40
    assert 0 < terminal.sum() < last.sum() and not np.any(terminal & ~last)
    assert not numbers["prev_action"][first].any() and not numbers["reward"][first].any()
    assert numbers["prev_action"][~first].all() and numbers["reward"][~first].all()
    again = fake_batch(signature, 16, 32)
    tf.nest.map_structure(tf.debugging.assert_equal, batch, again)
