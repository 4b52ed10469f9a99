"""The policies with TF-Agents' own drivers and PolicySaver, and what they remember."""

import numpy as np
import pytest
import tensorflow as tf
from tf_agents.drivers import dynamic_step_driver, py_driver
from tf_agents.environments import py_environment, tf_py_environment
from tf_agents.policies import policy_saver, py_tf_eager_policy
from tf_agents.trajectories import time_step as ts
from tf_agents.utils import common
from tiny_core import make_agent, make_specs, shake

from dreamer_tf.types import State


class Corridor(py_environment.PyEnvironment):
    """Episodes of three steps; refuses actions that are outside of its spec."""

    def __init__(self, discrete):
        super().__init__()
        self._time_step_spec, self._action_spec = make_specs(discrete=discrete)
        self._random = np.random.RandomState(0)
        self._steps = 0
        self.actions = []

    def observation_spec(self):
        return self._time_step_spec.observation

    def action_spec(self):
        return self._action_spec

    def _observe(self):
        return {
            key: self._random.normal(size=spec.shape).astype(np.float32)
            for key, spec in self.observation_spec().items()
        }

    def _reset(self):
        self._steps = 0
        return ts.restart(self._observe())

    def _step(self, action):
        if self._current_time_step.is_last():
            return self.reset()
        assert action.dtype == self._action_spec.dtype and action.shape == self._action_spec.shape
        assert np.all(action >= self._action_spec.minimum)
        assert np.all(action <= self._action_spec.maximum)
        self.actions.append(np.array(action))
        self._steps += 1
        if self._steps == 3:
            return ts.termination(self._observe(), 1.0)
        return ts.transition(self._observe(), 0.5)


@pytest.fixture(scope="module", params=[False, True], ids=["continuous", "discrete"])
def agent(request):
    return _make_agent(request.param)


def _make_agent(discrete):
    agent = make_agent(discrete=discrete)
    shake(agent.world_model, agent.behavior.actor, scale=0.5)
    # Compiled once for all tests: an eager step of a policy takes a tenth of a second.
    for policy in (agent.policy, agent.collect_policy):
        policy.act = tf.function(policy.action, autograph=False)
    return agent


def _is_discrete(agent):
    return agent.num_discrete_actions is not None


def _time_steps(count, batch=2):
    """A batch of episodes that go on."""
    random = np.random.RandomState(3)
    for t in range(count):
        observation = {
            "imu": tf.constant(random.normal(size=(batch, 4)), tf.float32),
            "speed": tf.constant(random.normal(size=(batch,)), tf.float32),
        }
        if t == 0:
            yield ts.restart(observation, batch)
        else:
            yield ts.transition(observation, tf.ones([batch]))


def _actions(policy, count=4, state=None):
    state = policy.get_initial_state(2) if state is None else state
    actions = []
    for time_step in _time_steps(count):
        action, state, _ = policy.act(time_step, state)
        actions.append(action.numpy())
    return np.stack(actions), state


def test_dynamic_step_driver(agent):
    environment = Corridor(_is_discrete(agent))
    seen = []
    driver = dynamic_step_driver.DynamicStepDriver(
        tf_py_environment.TFPyEnvironment(environment),
        agent.collect_policy,
        observers=[lambda trajectory: seen.append(trajectory) or tf.constant(0)],
        num_steps=8,
    )
    common.function(driver.run)()
    assert len(seen) == 1  # traced, once
    assert 8 <= len(environment.actions) <= 12
    assert len(np.unique(np.stack(environment.actions), axis=0)) > 1


@pytest.mark.parametrize("name", ["policy", "collect_policy"])
def test_py_driver(agent, name):
    environment = Corridor(_is_discrete(agent))
    policy = py_tf_eager_policy.PyTFEagerPolicy(getattr(agent, name), use_tf_function=True)
    seen = []
    driver = py_driver.PyDriver(environment, policy, [seen.append], max_steps=7)
    driver.run(environment.reset(), policy.get_initial_state(1))
    assert len(environment.actions) == 7 and len(seen) >= 7
    assert set(seen[0].observation) == {"imu", "speed"}


def test_exported_policy_acts_the_same(tmp_path):
    agent = _make_agent(discrete=True)
    saver = policy_saver.PolicySaver(
        agent.policy, batch_size=None, train_step=agent.train_step_counter
    )
    saver.save(str(tmp_path / "policy"))
    loaded = tf.saved_model.load(str(tmp_path / "policy"))
    expected, _ = _actions(agent.policy)
    held = {variable.name for variable in loaded.model_variables}
    assert not any(name.startswith(("decoder", "reward_head", "critic")) for name in held)
    state = loaded.get_initial_state(batch_size=2)
    for time_step, action in zip(_time_steps(4), expected):
        step = loaded.action(time_step, state)
        state = step.state
        np.testing.assert_allclose(step.action, action, rtol=1e-4, atol=1e-5)
    assert int(loaded.get_train_step()) == int(agent.train_step_counter)


def test_first_step_forgets_whatever_the_state_holds(agent):
    random = tf.nest.map_structure(
        lambda x: tf.random.stateless_normal(x.shape, (1, 2)), agent.policy.get_initial_state(2)
    )
    clean, _ = _actions(agent.policy)
    dirty, _ = _actions(agent.policy, state=random)
    np.testing.assert_array_equal(clean, dirty)


def test_policy_filters_as_the_world_model_does(agent):
    """The state that it keeps is that of `observe_step` fed with its own last actions."""
    model, actor = agent.world_model, agent.behavior.actor
    policy_state = agent.policy.get_initial_state(2)
    state, prev_action = model.rssm.initial_state(2), tf.zeros([2, 2])
    for time_step in _time_steps(4):
        action, policy_state, _ = agent.policy.act(time_step, policy_state)
        embedding = model.embed(time_step.observation)
        is_first = time_step.is_first()
        state = model.rssm.observe_step(State(*state), embedding, prev_action, is_first, None)
        prev_action = actor(state.features()).mode()
        np.testing.assert_allclose(policy_state["deter"], state.deter, rtol=1e-4, atol=1e-6)
        np.testing.assert_array_equal(policy_state["stoch"], state.stoch)
        np.testing.assert_allclose(policy_state["prev_action"], prev_action, rtol=1e-5)
        expected = tf.argmax(prev_action, -1) if actor.discrete else prev_action
        np.testing.assert_allclose(action, expected, rtol=1e-5)


def test_collect_policy_remembers_the_action_that_the_robot_did(agent):
    actions, state = _actions(agent.collect_policy, 3)
    memory = state["prev_action"].numpy()
    np.testing.assert_array_equal(np.argmax(memory, -1) if _is_discrete(agent) else memory,
                                  actions[-1])


def test_draws_are_a_function_of_seed_and_count(agent):
    count = agent.collect_policy.draw_count
    before = int(count)
    first, _ = _actions(agent.collect_policy, 12)
    assert int(count) == before + 12
    second, _ = _actions(agent.collect_policy, 12)
    assert np.any(first != second)
    count.assign(before)
    again, _ = _actions(agent.collect_policy, 12)
    np.testing.assert_array_equal(first, again)


def test_greedy_policy_draws_nothing(agent):
    count = int(agent.policy.draw_count)
    first, _ = _actions(agent.policy)
    second, _ = _actions(agent.policy)
    np.testing.assert_array_equal(first, second)
    assert int(agent.policy.draw_count) == count


def test_memory_of_the_episode_matters(agent):
    """Without a FIRST step in between, the past changes the action's distribution."""
    *_, last = _time_steps(4)
    _, memory = _actions(agent.policy, 3)
    fresh = agent.policy.get_initial_state(2)
    states = [agent.policy.act(last, state).state["deter"] for state in (memory, fresh)]
    assert np.any(states[0] != states[1])


def test_noise_is_correlated_within_an_episode_and_its_size_stays():
    correlation, steps, robots = 0.8, 30, 200
    agent = make_agent(noise_correlation=correlation)
    policy = agent.collect_policy
    spec = agent.time_step_spec.observation
    observation = {key: tf.zeros([robots, *x.shape]) for key, x in spec.items()}
    state, noise = policy.get_initial_state(robots), []
    first, rest = ts.restart(observation, robots), ts.transition(observation, tf.zeros(robots))
    for t in range(steps):
        state = policy.action(rest if t else first, state).state
        noise.append(state["noise"].numpy())
    noise = np.stack(noise)
    np.testing.assert_allclose(noise.std((1, 2)), 1.0, atol=0.15)
    measured = np.mean(noise[1:] * noise[:-1])
    assert abs(measured - correlation) < 0.05
    anew = policy.action(first, state).state["noise"].numpy()
    assert abs(np.mean(anew * noise[-1])) < 0.2
    assert "noise" not in agent.policy.policy_state_spec


def test_distribution_is_not_offered(agent):
    time_step = next(_time_steps(1))
    with pytest.raises(NotImplementedError, match="action()"):
        agent.policy.distribution(time_step, agent.policy.get_initial_state(2))
