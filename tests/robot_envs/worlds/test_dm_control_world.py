"""Tasks of dm_control as robots."""

import sys

import numpy as np
import pytest

from robot_envs import registry
from robot_envs.errors import RobotError
from robot_envs.mujoco_gl import import_mujoco

import_mujoco()  # Before dm_control, which would look for a display.
suite = pytest.importorskip("dm_control.suite")


def _steps(env, count, seed=0):
    random = np.random.default_rng(seed)
    env.reset()
    shape = env.action_spec().shape
    return [env.step(random.uniform(-1, 1, shape).astype(np.float32)) for _ in range(count)]


def test_rewards_and_observations_are_those_of_the_suite():
    env = registry.make("dmc:cartpole_swingup", seed=3)
    theirs = suite.load("cartpole", "swingup", task_kwargs={"random": 3})
    first, their_first = env.reset(), theirs.reset()
    for key, value in their_first.observation.items():
        np.testing.assert_array_equal(first.observation[key], value.astype(np.float32))
    for action in (1.0, -0.5, 0.25):
        step = env.step(np.array([action], np.float32))
        their_step = theirs.step(np.array([action]))
        np.testing.assert_allclose(step.reward, their_step.reward, rtol=1e-6)
        for key, value in their_step.observation.items():
            np.testing.assert_array_equal(step.observation[key], value.astype(np.float32))
    assert env.get_info()["time"] == pytest.approx(0.03)
    env.close()


def test_scalars_and_matrices_become_vectors():
    env = registry.make("dmc:walker_walk", seed=0)
    assert env.observation_spec()["height"].shape == (1,)
    assert env.reset().observation["height"].shape == (1,)
    env.close()
    env = registry.make("dmc:stacker_stack_2", seed=0)
    assert env.observation_spec()["arm_pos"].shape == (16,)
    assert env.reset().observation["arm_pos"].shape == (16,)
    env.close()


def test_length_and_rate_are_those_of_the_task():
    entry = registry.get("dmc:cartpole_swingup")
    assert (entry.rate_hz, entry.episode_steps, entry.gin_file) == (100.0, 1000, "dmc")


def test_action_repeat_adds_rewards_and_shortens_the_episode():
    once = registry.make("dmc:pendulum_swingup", seed=1)
    thrice = registry.make("dmc:pendulum_swingup", seed=1, action_repeat=3)
    once.reset(), thrice.reset()
    action = np.ones(1, np.float32)
    steps = [once.step(action) for _ in range(3)]
    step = thrice.step(action)
    np.testing.assert_allclose(step.reward, sum(s.reward for s in steps), rtol=1e-6)
    np.testing.assert_array_equal(step.observation["velocity"], steps[-1].observation["velocity"])
    kinds = [bool(s.is_last()) for s in (thrice.step(action) for _ in range(332))]
    assert kinds == [False] * 331 + [True]
    once.close(), thrice.close()


def test_a_real_end_has_discount_zero(monkeypatch):
    env = registry.make("dmc:cartpole_balance", seed=0)
    env.reset()
    inner = env  # Down to dm_control's own environment.
    while not hasattr(inner, "_task"):
        inner = inner._env
    monkeypatch.setattr(inner._task, "get_termination", lambda physics: 0.0)
    step = env.step(np.zeros(1, np.float32))
    assert step.is_last() and step.discount == 0
    assert env.step(np.zeros(1, np.float32)).is_first()
    env.close()


def test_pixels_move_and_cost_no_vectors():
    try:
        env = registry.make("dmc_pixels:cartpole_swingup", seed=0)
    except RobotError as error:  # No GL library on this machine: the line must say so.
        assert "libosmesa6" in str(error)
        return
    assert set(env.observation_spec()) == {"image"}
    steps = _steps(env, 20)
    images = [step.observation["image"] for step in steps]
    assert images[0].shape == (64, 64, 3) and images[0].dtype == np.uint8
    assert images[0].std() > 5 and np.any(images[0] != images[-1])
    assert env.render().shape == (256, 256, 3)
    env.close()


@pytest.mark.parametrize(
    "name, near",
    [
        ("dmc:walkr_walk", "walker_walk"),
        ("dmc:cartpole", "cartpole_swingup"),
        ("dmc_pixels:Walker_Walk", "walker_walk"),
        ("dmc:", "acrobot_swingup"),
    ],
)
def test_an_unknown_task_lists_near_ones(name, near):
    with pytest.raises(RobotError) as caught:
        registry.get(name)
    assert f"unknown robot '{name}'" in str(caught.value) and near in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_package_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "dm_control", None)
    monkeypatch.delitem(sys.modules, "dm_control.suite")
    with pytest.raises(RobotError, match=r"the extra 'dmc': pip install 'dreamer_tf\[dmc\]'"):
        registry.get("dmc:walker_walk")
