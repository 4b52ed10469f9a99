"""What an actor does without weights."""

import numpy as np
import pytest
from tf_agents.specs import array_spec
from tf_agents.trajectories import time_step as ts

from dreamer_tf.errors import UserError
from dreamer_tf.roles.guarded_policy import GuardedPolicy
from robot_envs.clock import Clock

CONTINUOUS = array_spec.BoundedArraySpec((2,), np.float32, -1.0, 1.0)
DISCRETE = array_spec.BoundedArraySpec((), np.int32, 0, 5)
STEP = ts.restart({"seen": np.zeros(1, np.float32)})


class Source:
    """Stands in the place of the subscriber, the policy and the timed environment."""

    observed_at = 0.0

    def __init__(self, spec, version=-1, age=float("inf")):
        self.version, self._age, self._spec = version, age, spec

    def age_seconds(self):
        return self._age

    def acting(self, function):
        return function()

    def action(self, time_step):
        return np.ones(self._spec.shape, self._spec.dtype)


def make(spec, without_weights=None, hold_action=None, max_age_seconds=10.0, **weights):
    source = Source(spec, **weights)
    return GuardedPolicy(source, source, source, action_spec=spec, hold_action=hold_action,
                         without_weights=without_weights, max_age_seconds=max_age_seconds,
                         clock=Clock())


def test_by_default_it_holds_what_can_be_held():
    policy = make(CONTINUOUS)
    assert not policy.must_stop()
    np.testing.assert_array_equal(policy.action(STEP), [0, 0])
    choices = make(DISCRETE, hold_action=3)
    assert not choices.must_stop() and choices.action(STEP) == 3
    assert policy.held == choices.held == 1


def test_by_default_choices_that_hold_nothing_stop_it():
    assert make(DISCRETE).must_stop()
    assert not make(DISCRETE, version=0, age=1.0).must_stop()
    assert make(DISCRETE, version=0, age=11.0).must_stop()


def test_it_acts_when_told_to_or_with_weights():
    assert make(DISCRETE, "act").action(STEP) == 1
    np.testing.assert_array_equal(make(CONTINUOUS, version=3, age=1.0).action(STEP), [1, 1])


def test_mistakes():
    with pytest.raises(UserError, match="say which one holds it still"):
        make(DISCRETE, "hold")
    with pytest.raises(UserError, match="choose act, hold or stop"):
        make(CONTINUOUS, "wait")
