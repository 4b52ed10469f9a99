"""The factory: every gin file makes an agent, and specs that do not fit are refused."""

import re

import gin
import numpy as np
import pytest
from tf_agents.specs import array_spec
from tf_agents.trajectories import time_step as ts
from tiny_core import count_rounded_products, make_batch, make_specs

from dreamer_tf import config, trainer  # noqa: F401  trainer registers what gin files set
from dreamer_tf.baselines import catalog
from dreamer_tf.errors import UserError
from dreamer_tf.factory import make_agent
from robot_envs import registry

ROBOTS = registry.names()
WORLDS = ("dmc", "gym")  # files of a robot each, like <robot>.gin: they hold no sizes
BEHIND = {"v3": ["small"]}  # files for behind a preset


def _cases():
    """Dreamer's gin files with the robots they are for; `dreamer` and a robot's own are in all."""
    for name in config.known_names():
        of_baseline = name.split("_")[0] in catalog.names()
        if name not in ("dreamer", *ROBOTS, *WORLDS) and not of_baseline:
            for robot in [r for r in ROBOTS if name.endswith(r)] or ROBOTS:
                yield name, robot


@pytest.fixture(scope="module")
def robot_specs():
    """Robot to time step spec and action spec."""
    specs = {}
    for name in ROBOTS:
        environment = registry.make(name, seed=0)
        specs[name] = environment.time_step_spec(), environment.action_spec()
        environment.close()
    return specs


@pytest.mark.parametrize("name, robot", _cases())
def test_every_gin_file_makes_an_agent(name, robot, robot_specs):
    config.load(config.files_of_run(robot, [*BEHIND.get(name, ()), name]))
    agent = make_agent(*robot_specs[robot], seed=0)
    rssm, behavior = agent.world_model.rssm, agent.behavior
    for binding in ("RSSM.deter", "RSSM.units", "RSSM.stoch", "RSSM.classes"):
        assert getattr(rssm, binding.split(".")[1]) == gin.query_parameter(binding)
    assert behavior.horizon == gin.query_parameter("Behavior.horizon")
    assert behavior.actor.units == gin.query_parameter("dreamer_tf.Actor.units")
    assert set(agent.world_model.encoder.shapes) == set(robot_specs[robot][0].observation)
    rate = gin.query_parameter("make_agent.model_learning_rate")
    np.testing.assert_allclose(agent.optimizers["model"].learning_rate, rate)
    # The run's own settings are the Trainer's; all others have been used.
    unused = config.unused_bindings(
        [line.split(" = ")[0] for line in gin.config_str().splitlines() if " = " in line]
    )
    assert [binding for binding in unused if not binding.startswith("Trainer.")] == []


def _line(error):
    """The message without the lines in which gin says what it called."""
    message, *calls = str(error).splitlines()
    assert all(call.strip().startswith("In call to configurable") for call in calls)
    return message


def _load_debug():
    config.load(config.files_of_run("a1", ["debug"]))


def test_agent_sees_only_the_chosen_keys():
    _load_debug()
    agent = make_agent(*make_specs(), seed=0, observation_keys=["imu"])
    assert set(agent.world_model.encoder.shapes) == set(agent.world_model.decoder.shapes) == {"imu"}
    assert "speed" in agent.replay_signature  # recorded all the same


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_precision_reaches_every_layer(precision):
    _load_debug()
    agent = make_agent(*make_specs(), seed=0, precision=precision)
    parts = [*agent.world_model._flatten_layers(include_self=False)]
    parts += agent.behavior.actor._flatten_layers()
    parts += agent.behavior.critic._flatten_layers()
    parts += agent.behavior.slow_critic._flatten_layers()
    exempt = {"kl_scale", "picture_mean"}
    assert {p.dtype_policy.name for p in parts if p.name not in exempt} == {precision}
    assert all(variable.dtype != precision[6:] for variable in agent.variables)


def test_rounded_products_are_those_of_updates_only():
    _load_debug()
    agents = [make_agent(*make_specs(), seed=0, precision=precision)
              for precision in ("float32", "bfloat16_products")]
    batch = make_batch()
    losses, actions = [], []
    for agent in agents:
        first = {key: value[:1, 0] for key, value in batch.items() if key in ("imu", "speed")}
        state = agent.policy.get_initial_state(1)
        actions.append(agent.policy.action(ts.restart(first, 1), state).action)
        losses.append({key: float(value) for key, value in agent.train(batch).extra.items()})
    np.testing.assert_array_equal(*actions)
    assert losses[0] != losses[1]
    for key in ("model/loss", "model/kl", "behavior/critic_loss"):
        np.testing.assert_allclose(losses[0][key], losses[1][key], rtol=0.02)
    rounded = [count_rounded_products(agent, batch) for agent in agents]
    assert rounded[0] == 0 < rounded[1]
    # What the layers compute with, and so what is exported, does not know of it.
    assert {agent.world_model.rssm.compute_dtype for agent in agents} == {"float32"}


def test_same_seed_gives_the_same_agent():
    _load_debug()
    first, second, other = (make_agent(*make_specs(), seed=seed) for seed in (4, 4, 5))
    weights = [agent.world_model.get_weights() for agent in (first, second, other)]
    assert all(np.array_equal(a, b) for a, b in zip(weights[0], weights[1]))
    assert not all(np.array_equal(a, b) for a, b in zip(weights[0], weights[2]))


@pytest.mark.parametrize(
    "keywords, words",
    [
        ({"precision": "float8"}, "choose one of float32, bfloat16_products"),
        ({"observation_keys": ["imu", "lidar"]}, r"names \['lidar'\].*gives \['imu', 'speed'\]"),
        ({"observation_keys": []}, "cannot be encoded: nothing to encode"),
    ],
)
def test_wrong_settings_are_one_line(keywords, words):
    with pytest.raises(UserError) as caught:
        make_agent(*make_specs(), seed=0, **keywords)
    assert re.search(words, _line(caught.value))


@pytest.mark.parametrize(
    "observation, action, words",
    [
        ({"imu": (4,)}, ((2,), np.float32, 0.0, 1.0), r"must lie in \[-1, 1\]"),
        ({"imu": (4,)}, ((), np.int32, 1, 3), "counted from 0"),
        ({"map": (5, 5)}, ((2,), np.float32, -1.0, 1.0), "cannot be encoded"),
        ({"image": (32, 32, 3)}, ((2,), np.float32, -1.0, 1.0), "64 x 64"),
        ({"reward": (1,)}, ((2,), np.float32, -1.0, 1.0), "rename"),
    ],
)
def test_specs_that_do_not_fit_are_one_line(observation, action, words):
    observation = {k: array_spec.ArraySpec(v, np.float32, k) for k, v in observation.items()}
    with pytest.raises(UserError) as caught:
        make_agent(
            ts.time_step_spec(observation), array_spec.BoundedArraySpec(*action), seed=0
        )
    assert re.search(words, _line(caught.value))
