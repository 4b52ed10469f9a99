"""Collecting and evaluating on a small environment whose numbers are written by hand."""
import time

import numpy as np
import pytest
import tensorflow as tf
from tf_agents.environments import py_environment
from tf_agents.policies import tf_policy
from tf_agents.specs import array_spec, tensor_spec
from tf_agents.trajectories import policy_step
from tf_agents.trajectories import time_step as ts

from dreamer_tf import patient_reset
from dreamer_tf.collector import Collector, random_action
from dreamer_tf.evaluator import Evaluator
from dreamer_tf.policy_runner import PolicyRunner
from robot_envs.errors import RobotError, RobotFault
from robot_envs.wrappers.sensor_check import SensorCheck


class CountingEnvironment(py_environment.PyEnvironment):
    """Observes how many steps were made in all; the reward is the count; episodes of three."""

    def __init__(self, spoil_at=None, picture=None):
        super().__init__()
        self._count, self._spoil_at, self._picture = 0, spoil_at, picture
        self.actions = []

    def observation_spec(self):
        return {'count': array_spec.ArraySpec((1,), np.float32, 'count')}

    def action_spec(self):
        return array_spec.BoundedArraySpec((2,), np.float32, -1, 1)

    def render(self, mode='rgb_array'):
        if self._picture is None:
            raise RobotError("MuJoCo's renderer needs a GL library: install libosmesa6")
        return self._picture

    def _observation(self):
        value = np.nan if self._count == self._spoil_at else self._count
        return {'count': np.array([value], np.float32)}

    def _reset(self):
        return ts.restart(self._observation())

    def _step(self, action):
        self.actions.append(action)
        self._count += 1
        if self._count % 3 == 0:
            return ts.termination(self._observation(), float(self._count))._replace(
                discount=np.float32(1.0))
        return ts.transition(self._observation(), float(self._count))


class CallCountPolicy(tf_policy.TFPolicy):
    """Its action is (calls since its state began / 10, whether the step was FIRST)."""

    def __init__(self, env):
        super().__init__(tensor_spec.from_spec(env.time_step_spec()),
                         tensor_spec.from_spec(env.action_spec()),
                         policy_state_spec=tf.TensorSpec((1,), tf.float32))

    def _action(self, time_step, policy_state, seed):
        policy_state = policy_state + 1
        first = tf.cast(time_step.is_first(), tf.float32)[:, None]
        return policy_step.PolicyStep(tf.concat([policy_state / 10, first], -1), policy_state, ())

    def _distribution(self, time_step, policy_state):
        raise NotImplementedError


def make(env, steps, prefill_steps, seed=0, env_steps=0, hold=1):
    return Collector(env, PolicyRunner(CallCountPolicy(env)), steps.append,
                     prefill_steps=prefill_steps, prefill_hold_steps=hold, seed=seed,
                     env_steps=env_steps)


def test_writes_every_step_with_the_action_that_led_to_it():
    env, steps = CountingEnvironment(), []
    collector = make(env, steps, prefill_steps=0)
    episodes = [collector.step() for _ in range(4)]
    assert [step['count'][0] for step in steps] == [0, 1, 2, 3, 3, 4]
    assert [step['reward'] for step in steps] == [0, 1, 2, 3, 0, 4]
    assert [bool(step['is_first']) for step in steps] == [True, False, False, False, True, False]
    assert [bool(step['is_last']) for step in steps] == [False, False, False, True, False, False]
    assert not any(step['is_terminal'] for step in steps)
    np.testing.assert_allclose([step['prev_action'] for step in steps],
                               [[0, 0], [.1, 1], [.2, 0], [.3, 0], [0, 0], [.1, 1]])
    assert [episode is None for episode in episodes] == [True, True, False, True]
    assert (episodes[2].length, episodes[2].total_reward) == (3, 6.0)
    assert episodes[2].mean_reward == 2.0
    assert collector.env_steps == 4


def test_prefill_is_random_seeded_and_goes_on_after_a_resume():
    def actions(seed, env_steps, count):
        env = CountingEnvironment()
        collector = make(env, [], prefill_steps=100, seed=seed, env_steps=env_steps)
        for _ in range(count):
            collector.step()
        return np.stack(env.actions)
    whole = actions(seed=1, env_steps=0, count=6)
    np.testing.assert_array_equal(whole[4:], actions(seed=1, env_steps=4, count=2))
    assert not np.array_equal(whole, actions(seed=2, env_steps=0, count=6))
    assert whole.min() < -0.3 and whole.max() > 0.3 and np.abs(whole).max() <= 1


def test_prefill_actions_are_held():
    env = CountingEnvironment()
    collector = make(env, [], prefill_steps=100, env_steps=2, hold=3)
    for _ in range(5):
        collector.step()
    held = [np.array_equal(a, b) for a, b in zip(env.actions, env.actions[1:])]
    assert held == [False, True, True, False]  # changes at steps 3 and 6


def test_the_policy_takes_over_after_prefill_with_a_fresh_belief():
    env, steps = CountingEnvironment(), []
    collector = make(env, steps, prefill_steps=2)
    for _ in range(3):
        collector.step()
    np.testing.assert_allclose(env.actions[2], [.1, 1])  # told FIRST in the middle of an episode
    assert not steps[3]['is_first']


def test_a_bad_observation_is_refused_and_never_written():
    env, steps = SensorCheck(CountingEnvironment(spoil_at=2), robot='counter'), []
    collector = make(env, steps, prefill_steps=100)
    collector.step()
    with pytest.raises(RobotError, match='counter: count: .*not finite'):
        collector.step()
    assert [step['count'][0] for step in steps] == [0, 1]


def test_random_actions_of_discrete_specs_reach_both_bounds():
    spec = array_spec.BoundedArraySpec((), np.int32, 0, 2)
    drawn = [random_action(spec, (0, step)) for step in range(60)]
    assert {int(action) for action in drawn} == {0, 1, 2}
    assert all(action.dtype == np.int32 and action.shape == () for action in drawn)


def evaluator(env, warnings, episodes=2):
    return Evaluator(env, PolicyRunner(CallCountPolicy(env)), episodes=episodes,
                     warn=warnings.append)


def test_evaluation_means_over_episodes_and_films_the_first():
    picture = np.full((4, 4, 3), 9, np.uint8)
    env = CountingEnvironment(picture=picture)
    result = evaluator(env, []).run(render=True)
    assert result.mean_return == (1 + 2 + 3 + 4 + 5 + 6) / 2
    assert result.mean_reward == 3.5
    assert len(result.frames) == 3 and result.frames[0] is picture


def test_without_renderer_one_line_is_said_and_evaluation_goes_on():
    warnings = []
    one = evaluator(CountingEnvironment(), warnings)
    assert one.run(render=True).frames == []
    assert one.run(render=True).mean_return == (7 + 8 + 9 + 10 + 11 + 12) / 2
    assert len(warnings) == 1 and 'libosmesa6' in warnings[0]


def test_evaluation_stops_when_told():
    env = CountingEnvironment()
    assert evaluator(env, []).run(stop=lambda: len(env.actions) == 2) is None
    assert len(env.actions) == 2


class FaultyEnvironment(CountingEnvironment):
    """Has a fault at these steps, counted from 1, and at so many resets after each."""

    def __init__(self, fault_at, person=False, resets=0):
        super().__init__()
        self._fault_at, self._person, self._resets = fault_at, person, resets
        self._left = self._faults = 0

    def get_info(self):
        return {'guardian_faults': self._faults, 'guardian_clips': self._count, 'time': 3.0}

    def _fault(self):
        self._faults += 1
        raise RobotFault('the sensors are old', person=self._person)

    def _reset(self):
        if self._left:
            self._left -= 1
            self._fault()
        return super()._reset()

    def _step(self, action):
        if self._count + 1 in self._fault_at:
            self._fault_at = [step for step in self._fault_at if step != self._count + 1]
            self._left = self._resets
            self._fault()
        return super()._step(action)


@pytest.mark.parametrize('resets', [0, 2])
def test_a_fault_ends_the_sequence_and_nothing_of_its_step_is_written(resets):
    env, steps, lines = FaultyEnvironment([3, 5], resets=resets), [], []
    collector = Collector(env, PolicyRunner(CallCountPolicy(env)), steps.append, prefill_steps=0,
                          seed=0, warn=lines.append)
    episodes = [collector.step() for _ in range(8)]
    assert [step['count'][0] for step in steps] == [0, 1, 2, 2, 3, 3, 4, 4, 5, 6]
    assert [bool(step['is_first']) for step in steps] == [
        True, False, False, True, False, True, False, True, False, False]
    assert not any(step['is_terminal'] for step in steps)
    assert [steps[index]['reward'] for index in (0, 3, 5, 7)] == [0, 0, 0, 0]
    np.testing.assert_allclose(steps[4]['prev_action'], [.1, 1])  # The policy begins anew.
    assert collector.env_steps == 6
    assert [episode.length for episode in episodes if episode] == [1, 2]
    assert lines[0] == 'the episode ends after 2 steps: the sensors are old'
    assert len(lines) == 2 + 2 * resets
    assert episodes[3].account == {'faults': 1 + resets, 'clips': 3}
    assert episodes[-1].account == {'faults': 1 + resets, 'clips': 3}


def test_a_fault_that_no_reset_ends_ends_the_run_and_is_not_spun_on(monkeypatch):
    monkeypatch.setattr(patient_reset, 'RESET_PAUSE_SECONDS', 0.02)
    env, steps, lines = FaultyEnvironment([2], resets=10 ** 9), [], []
    collector = Collector(env, PolicyRunner(CallCountPolicy(env)), steps.append, prefill_steps=0,
                          seed=0, warn=lines.append)
    assert collector.step() is None and collector.step() is None
    began = time.monotonic()
    with pytest.raises(RobotError, match='the sensors are old; 10 resets in a row') as caught:
        collector.step()
    assert '\n' not in str(caught.value) and caught.value.person
    assert time.monotonic() - began > 9 * 0.02
    assert env.get_info()['guardian_faults'] == 1 + patient_reset.MOST_RESETS == 11
    assert len(lines) == 10 and [step['count'][0] for step in steps] == [0, 1]


def test_a_fault_for_a_person_ends_the_run():
    env, steps = FaultyEnvironment([2], person=True), []
    collector = make(env, steps, prefill_steps=0)
    collector.step()
    with pytest.raises(RobotFault, match='the sensors are old'):
        collector.step()
    assert [step['count'][0] for step in steps] == [0, 1] and collector.env_steps == 1
