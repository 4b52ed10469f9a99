"""The planner: finds known optima in a known and in a learned model, on every robot's specs."""

import numpy as np
import pytest
import tensorflow as tf
from tf_agents.specs import array_spec
from tf_agents.trajectories import time_step as ts
from tiny_core import count_rounded_products, make_batch, make_specs
from two_steps import Ending, ToyModel, TwoSteps, start

from dreamer_tf import checkpoints, config, trainer  # noqa: F401  trainer registers settings
from dreamer_tf.baselines import catalog
from dreamer_tf.baselines.categorical_plan import CategoricalPlan
from dreamer_tf.baselines.normal_plan import NormalPlan
from dreamer_tf.baselines.plan_search import PlanSearch
from dreamer_tf.baselines.planner import make_planner
from dreamer_tf.errors import UserError
from robot_envs import registry

SEED = tf.constant([3, 4])
QUICK = ("make_planner.candidates = 16", "make_planner.elites = 4", "make_planner.iterations = 2")


def _plan(discrete, horizon=2):
    if discrete:
        return CategoricalPlan(horizon, 2, 0.5, 0.05, 0.1)
    return NormalPlan(horizon, 1, (0.02, 1.0), 0.3)


def _search(discrete, **keywords):
    world = TwoSteps()
    settings = {"candidates": 300, "elites": 30, "iterations": 6, "discount": 0.99, **keywords}
    return PlanSearch(ToyModel(world, world, Ending()), _plan(discrete), **settings)


@pytest.mark.parametrize("discrete", [False, True])
def test_finds_the_best_plan_of_a_known_world(discrete):
    """What is best for the moment is wrong here: only who looks two steps ahead finds x = 1."""
    search = _search(discrete)
    belief = search.search(start(2), search.plan.fresh(2), SEED)
    plan = search.plan.plan(belief).numpy()
    if discrete:
        assert np.all(plan[:, 0, 1] > 0.9) and np.all(plan[:, 1, 0] > 0.9)  # 1, then -1
    else:
        np.testing.assert_allclose(plan[..., 0], [[1.0, -0.5]] * 2, atol=0.1)


def test_a_plan_is_worth_its_discounted_rewards_and_the_value_behind_them():
    class Tenth:
        def mean(self, features):
            return 10.0 + 0.0 * features[..., 0]

    action = tf.constant([[[0.4], [-0.3]], [[-1.0], [0.8]]])
    for critic, value in ((None, 0.0), (Tenth(), 10.0)):
        search = _search(False, critic=critic)
        score = search.score(start(2), action, SEED)
        for n, (x, y) in enumerate(action.numpy()[..., 0]):
            late = (2 + x) / 3 * (1 - (y + x / 2) ** 2)
            # Nothing comes after the second step: the discount there is 0, whatever the value.
            np.testing.assert_allclose(score[n], -0.1 * x + 0.99 * late, rtol=1e-5)
    one_step = PlanSearch(
        search._get()[0], _plan(False, 1), candidates=3, elites=1, iterations=1, discount=0.9,
        critic=Tenth(),
    )
    score = one_step.score(start(2), action[:, :1], SEED)
    np.testing.assert_allclose(score, -0.1 * action[:, 0, 0] + 0.9 * value, rtol=1e-5)


@pytest.mark.parametrize("discrete", [False, True])
def test_candidates_and_exploration_stay_in_range(discrete):
    plan = _plan(discrete)
    fresh = plan.fresh(3)
    candidates = plan.sample(plan.begin(fresh), 50, SEED).numpy()
    explored = plan.explore(plan.begin(fresh), plan.noise(3, SEED)).numpy()
    assert candidates.shape == (3, 50, 2, 1 + discrete) and explored.shape == (3, 1 + discrete)
    for actions in (candidates, explored):
        if discrete:
            np.testing.assert_array_equal(np.sort(actions, -1)[..., 0], 0.0)
            np.testing.assert_array_equal(actions.sum(-1), 1.0)
        else:
            assert np.all(np.abs(actions) <= 1.0)
    different = len(np.unique(candidates.reshape(150, -1), axis=0))
    assert different == 4 if discrete else different > 100  # some are clipped at both steps


def _make(discrete=False, seed=0, more=(), **keywords):
    config.load(config.files_of_run("a1", ["debug"]), [*QUICK, *more])
    return make_planner(*make_specs(discrete=discrete), robot="toy", seed=seed, **keywords)


def test_its_update_heeds_the_precision():
    counts = [count_rounded_products(_make(more=more), make_batch())
              for more in ((), ("make_agent.precision = 'bfloat16_products'",))]
    assert counts[0] == 0 < counts[1]


def _values(agent):
    checkpoint = tf.train.Checkpoint(**agent.checkpoint_items())
    found = tf.train.TrackableView(checkpoint).descendants()
    return [(x.name, x.numpy()) for x in found if isinstance(x, tf.Variable)]


def _moved(agent, layer, update):
    before = layer.get_weights()
    update()
    return [np.any(a != b) for a, b in zip(before, layer.get_weights())]


@pytest.mark.parametrize("learn_values", [False, True])
def test_an_update_is_that_of_what_plans_need(learn_values, tmp_path, eagerly):
    agent = _make(learn_values=learn_values)
    info = {}
    update = lambda: info.update(x=agent.train(make_batch()))
    model = agent.dreamer.world_model
    weights = [w for w in model.encoder.weights if "kernel" in w.name]
    before = [w.numpy() for w in weights]
    assert any(_moved(agent, agent.dreamer.behavior.critic, update)) == learn_values
    assert all(np.any(old != w.numpy()) for old, w in zip(before, weights))
    assert np.isfinite(info["x"].loss) and int(agent.train_step_counter) == 1
    assert ("behavior/value" in info["x"].extra) == learn_values
    _check_restores(agent, _make(seed=5, learn_values=learn_values), tmp_path)


def _check_restores(agent, other, folder):
    """What was saved of one is all of the other that an update or an action depends on."""
    agent.policies[False].draw_count.assign(9)
    checkpoints.Checkpoints(folder, agent.checkpoint_items()).save(1, {})
    checkpoints.Checkpoints(folder, other.checkpoint_items()).restore()
    saved = _values(agent)
    for (name, value), (_, restored) in zip(saved, _values(other)):
        np.testing.assert_array_equal(restored, value, err_msg=name)
    assert len(saved) > len(agent.variables) > 20
    assert int(other.policies[False].draw_count) == 9


def test_the_next_search_begins_with_the_rest_of_the_plan():
    policy = _make(horizon=3).policies[True]
    plan = tf.reshape(tf.range(12.0), [2, 3, 2])
    moved = policy._moved_on(plan, tf.constant([False, True])).numpy()
    np.testing.assert_array_equal(moved[0], [[2.0, 3.0], [4.0, 5.0], [0.0, 0.0]])
    np.testing.assert_array_equal(moved[1], np.zeros((3, 2)))


def _check(action, spec):
    assert action.dtype == spec.dtype and action.shape == spec.shape
    assert np.all(action >= spec.minimum) and np.all(action <= spec.maximum)


# The xArm differs from the UR5 by a second picture.
@pytest.mark.parametrize("robot", [
    pytest.param(name, marks=[pytest.mark.long] * (name == "xarm")) for name in registry.names()])
def test_it_acts_on_every_robot_in_range(robot):
    environment = registry.make(robot, seed=0)
    specs = environment.time_step_spec(), environment.action_spec()
    environment.close()
    config.load(config.files_of_run(robot, ["debug"], "planner"), QUICK)
    agent = catalog.make("planner", robot, *specs, seed=0)
    random = np.random.RandomState(0)
    observe = lambda: {
        key: random.uniform(0, 200, spec.shape).astype(spec.dtype)
        for key, spec in specs[0].observation.items()
    }
    for greedy in (True, False):
        runner, actions = agent.runner(None, greedy=greedy), []
        for step in range(4):
            actions.append(runner.action(ts.transition(observe(), 0.0)))
            _check(actions[-1], specs[1])
        if not greedy:
            assert int(agent.policies[False].draw_count) == 4
    assert int(agent.policies[True].draw_count) == 0


def test_greedy_actions_repeat_and_collected_ones_do_not():
    agent = _make()
    observation = {"imu": np.ones(4, np.float32), "speed": np.float32(1.0)}
    for greedy in (True, False):
        runner = agent.runner(None, greedy=greedy)
        first, second = (runner.action(ts.restart(observation)) for _ in range(2))
        assert np.array_equal(first, second) == greedy


@pytest.mark.parametrize(
    "keywords, words",
    [
        ({"elites": 17}, "make_planner.elites=17 cannot be chosen of candidates=16"),
        ({"iterations": 0}, "make_planner.iterations must be a whole number from 1, not 0"),
        ({"noise_correlation": 1.0}, r"noise_correlation is 1.0: it must be in \[0, 1\)"),
    ],
)
def test_wrong_settings_are_one_line(keywords, words):
    with pytest.raises(UserError, match=words):
        _make(**keywords)


class Line:
    """A place on a line, moved by 0.3 times the action; the reward is how near 0.5 it is."""

    SPECS = (
        ts.time_step_spec({"place": array_spec.ArraySpec((1,), np.float32, "place")}),
        array_spec.BoundedArraySpec((1,), np.float32, -1.0, 1.0),
    )

    @staticmethod
    def step(place, action):
        place = np.clip(place + 0.3 * action, -1.0, 1.0)
        return place, -np.abs(place - 0.5)

    @classmethod
    def batch(cls, random, size=16, length=8):
        place = random.uniform(-1, 1, (size, 1)).astype(np.float32)
        steps = [(place, np.zeros_like(place), np.zeros_like(place))]
        for _ in range(length - 1):
            action = random.uniform(-1, 1, (size, 1)).astype(np.float32)
            place, reward = cls.step(place, action)
            steps.append((place, action, reward))
        places, actions, rewards = (np.stack(x, 1).astype(np.float32) for x in zip(*steps))
        first = np.zeros((size, length), bool)
        first[:, 0] = True
        last = first[:, ::-1].copy()
        return {"place": places, "prev_action": actions, "reward": rewards[..., 0],
                "is_first": first, "is_last": last, "is_terminal": np.zeros_like(last)}


@pytest.mark.long
def test_it_learns_a_world_and_plans_in_it():
    sizes = [f"{name} = 32" for name in ("RSSM.deter", "RSSM.units", "Encoder.mlp_units",
                                         "Decoder.mlp_units", "RewardHead.units")]
    more = [*sizes, "RSSM.stoch = 8", "RSSM.classes = 8", "make_agent.model_learning_rate = 3e-3",
            "make_planner.horizon = 5", "make_planner.candidates = 64", "make_planner.elites = 8",
            "make_planner.iterations = 3"]
    config.load(config.files_of_run("a1", ["debug"]), more)
    agent = make_planner(*Line.SPECS, robot="line", seed=0)
    random = np.random.RandomState(0)
    for _ in range(800):
        agent.train({key: tf.constant(value) for key, value in Line.batch(random).items()})
    runner = agent.runner(None, greedy=True)
    far = []
    for place in (-0.9, 0.0, 0.9):
        place, time_step = np.array([place]), None
        for _ in range(8):
            observation = {"place": place.astype(np.float32)}
            time_step = ts.transition(observation, 0.0) if time_step else ts.restart(observation)
            place, reward = Line.step(place, runner.action(time_step))
        far.append(-float(reward[0]))
    assert max(far) < 0.4 and np.mean(far) < 0.25, far  # random walks end 0.6 away
