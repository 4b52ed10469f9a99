"""TF-Agents' own driver fills replay."""

import numpy as np
import pytest
from tf_agents.drivers import py_driver
from tf_agents.environments import py_environment
from tf_agents.policies import random_py_policy
from tf_agents.specs import array_spec
from tf_agents.trajectories import time_step as ts

from dreamer_tf.replay.alignment import step_from_time_step
from dreamer_tf.replay.sequence_dataset import make_sequence_dataset
from dreamer_tf.replay.sequence_writer import SequenceWriter
from dreamer_tf.replay.step_spec import num_discrete_actions, replay_step_spec
from dreamer_tf.replay.trajectory_observer import TrajectoryObserver


class CountingEnvironment(py_environment.PyEnvironment):
    """Episodes of 5 steps; the observation counts on, the reward tells the action."""

    def __init__(self, action_spec):
        super().__init__(handle_auto_reset=True)
        self._spec = action_spec
        self._count = 0.0
        self._steps = 0

    def action_spec(self):
        return self._spec

    def observation_spec(self):
        return {"count": array_spec.ArraySpec((1,), np.float32)}

    def _observation(self):
        self._count += 1.0
        return {"count": np.array([self._count], np.float32)}

    def _reset(self):
        self._steps = 0
        return ts.restart(self._observation())

    def _step(self, action):
        self._steps += 1
        reward = float(np.sum(action)) + 1.0
        if self._steps == 5:
            return ts.termination(self._observation(), reward)
        return ts.transition(self._observation(), reward)


SPECS = [
    array_spec.BoundedArraySpec((2,), np.float32, -1, 1),
    array_spec.BoundedArraySpec((), np.int32, 0, 3),
]


def drive(environment, observers=(), transition_observers=()):
    policy = random_py_policy.RandomPyPolicy(
        environment.time_step_spec(), environment.action_spec(), seed=3
    )
    driver = py_driver.PyDriver(environment, policy, observers, transition_observers, max_steps=20)
    driver.run(environment.reset())


@pytest.mark.parametrize("action_spec", SPECS)
def test_driver_and_time_steps_agree(action_spec):
    choices = num_discrete_actions(action_spec)
    seen, expected = [], []

    def transition(parts):
        time_step, policy_step, next_time_step = parts
        if not expected:
            expected.append(step_from_time_step(time_step, policy_step.action, choices))
        expected.append(step_from_time_step(next_time_step, policy_step.action, choices))

    drive(
        CountingEnvironment(action_spec),
        [TrajectoryObserver(seen.append, choices)],
        [transition],
    )
    assert sum(step["is_first"] for step in seen) == 4
    assert len(seen) == len(expected) - 1  # the last observation is in no trajectory yet
    for step, other in zip(seen, expected):
        assert step.keys() == other.keys()
        for key in step:
            np.testing.assert_array_equal(step[key], other[key], err_msg=key)
            assert step[key].dtype == other[key].dtype


@pytest.mark.parametrize("action_spec", SPECS)
def test_driver_fills_a_real_table(serve, action_spec):
    environment = CountingEnvironment(action_spec)
    server = serve(step_signature=replay_step_spec(environment.time_step_spec(), action_spec))
    writer = SequenceWriter(server.address)
    drive(environment, [TrajectoryObserver(writer.append, num_discrete_actions(action_spec))])
    writer.close()
    batch = next(iter(make_sequence_dataset(server.address, batch_size=16)))
    batch = {key: value.numpy() for key, value in batch.items()}
    first = batch["is_first"]
    np.testing.assert_array_equal(first, (batch["count"][..., 0] - 1) % 6 == 0)
    np.testing.assert_array_equal(batch["is_terminal"], batch["count"][..., 0] % 6 == 0)
    np.testing.assert_array_equal(batch["prev_action"][first], 0.0)
    if num_discrete_actions(action_spec) is None:
        told = batch["prev_action"].sum(-1) + 1.0
    else:
        told = batch["prev_action"].argmax(-1) + 1.0
    np.testing.assert_allclose(batch["reward"], np.where(first, 0.0, told), rtol=1e-6)


def test_starting_in_the_middle_of_an_episode_is_refused():
    environment = CountingEnvironment(SPECS[0])
    entries = []
    drive(environment, [entries.append])
    with pytest.raises(ValueError, match="entry 0 is not the first"):
        TrajectoryObserver(entries.append)(entries[1])
