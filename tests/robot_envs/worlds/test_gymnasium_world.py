"""Environments of Gymnasium as robots."""

import subprocess
import sys

import numpy as np
import pytest

from robot_envs import registry
from robot_envs.errors import RobotError

gymnasium = pytest.importorskip("gymnasium")
spaces = gymnasium.spaces


class Rig(gymnasium.Env):
    """Nested observations; ends for good at action 2, is cut off at action 3."""

    metadata = {"render_modes": ["rgb_array"], "render_fps": 10}
    observation_space = spaces.Dict(
        {
            "camera": spaces.Box(0, 255, (32, 48, 3), np.uint8),
            "depth": spaces.Box(0, 255, (64, 64), np.uint8),
            "board": spaces.Box(0, 255, (3, 3), np.uint8),
            "arm": spaces.Dict(
                {
                    "angles": spaces.Box(-9, 9, (2, 2), np.float64),
                    "gear": spaces.Discrete(3, start=5),
                }
            ),
        }
    )
    action_space = spaces.Discrete(4, start=1)

    def __init__(self, render_mode=None, gain=1.0):
        self.render_mode = render_mode
        self.gain = gain
        self.actions = []
        self.buffer = np.zeros((2, 2))
        self.resets = []

    def _observe(self):
        self.buffer += 1
        return {
            "camera": np.full((32, 48, 3), 7, np.uint8),
            "depth": np.full((64, 64), 9, np.uint8),
            "board": np.arange(9, dtype=np.uint8).reshape(3, 3),
            "arm": {"angles": self.buffer, "gear": 6},
        }

    def reset(self, *, seed=None, options=None):
        self.resets.append(seed)
        return self._observe(), {}

    def step(self, action):
        self.actions.append(int(action))
        return self._observe(), self.gain, action == 2, action in (2, 3), {"gain": self.gain}

    def render(self):
        return np.zeros((20, 30, 3), np.uint8)


class Odd(Rig):
    """A space that nobody here can act in."""

    action_space = spaces.MultiDiscrete([2, 3])


@pytest.fixture(autouse=True)
def registered():
    gymnasium.register("Rig-v0", entry_point=Rig, max_episode_steps=4)
    gymnasium.register("Odd-v0", entry_point=Odd)
    yield
    for name in ("Rig-v0", "Odd-v0"):
        del gymnasium.registry[name]


def _make(**overrides):
    return registry.make("gym:Rig-v0", seed=5, **overrides)


def test_dicts_are_flattened_pictures_resized_numbers_one_hot():
    env = _make()
    first = env.reset()
    shapes = {key: (spec.shape, np.dtype(spec.dtype).name)
              for key, spec in env.observation_spec().items()}
    assert shapes == {
        "camera": ((64, 64, 3), "uint8"),
        "depth": ((64, 64, 1), "uint8"),
        "board": ((9,), "float32"),
        "arm_angles": ((4,), "float32"),
        "arm_gear": ((3,), "float32"),
    }
    assert np.all(first.observation["camera"] == 7)
    assert first.observation["board"].tolist() == list(range(9))
    assert first.observation["arm_gear"].tolist() == [0, 1, 0]
    env.step(np.int32(0))
    assert first.observation["arm_angles"].tolist() == [1] * 4  # not the world's buffer
    env.close()


def test_discrete_actions_count_from_zero():
    env = _make()
    spec = env.action_spec()
    assert (spec.minimum, spec.maximum, spec.shape, spec.dtype) == (0, 3, (), np.int32)
    env.reset()
    env.step(np.int32(3))
    assert _rig(env).actions == [4]
    with pytest.raises(RobotError, match="^gym:Rig-v0: action: expected 0 to 3, found 4"):
        env.step(np.int32(4))
    env.close()


def _rig(env):
    inner = env
    while not isinstance(inner, gymnasium.Env):
        inner = inner._env
    return inner.unwrapped


def test_termination_has_discount_zero_truncation_one():
    env = _make()
    env.reset()
    for action, discount in ((1, 0), (2, 1)):
        step = env.step(np.int32(action))
        assert step.is_last() and step.discount == discount and step.reward == 1
        assert env.step(np.int32(action)).is_first()
    assert _rig(env).actions == [2, 3]
    assert _rig(env).resets == [5, None, None]  # Seeded once: episodes differ.
    env.close()


@pytest.mark.parametrize("overrides, length", [({}, 4), ({"episode_steps": 2}, 2)])
def test_time_limit_truncates(overrides, length):
    env = _make(**overrides)
    env.reset()
    steps = [env.step(np.int32(0)) for _ in range(length)]
    assert [bool(step.is_last()) for step in steps] == [False] * (length - 1) + [True]
    assert steps[-1].discount == 1
    env.close()


def test_options_reach_the_environment():
    env = _make(options=(("gain", 2.5),))
    env.reset()
    assert env.step(np.int32(0)).reward == 2.5
    assert env.get_info() == {"gain": 2.5}
    assert env.render().shape == (20, 30, 3)
    env.close()


def test_a_not_finite_observation_is_refused_by_name():
    env = _make()
    env.reset()
    _rig(env).buffer[1, 1] = np.nan
    with pytest.raises(RobotError, match="^gym:Rig-v0: arm_angles: expected finite numbers"):
        env.step(np.int32(0))
    env.close()


def test_cart_pole_falls_for_real():
    env = registry.make("gym:CartPole-v1", seed=0)
    assert env.reset().observation["state"].shape == (4,)
    for count in range(1, 100):
        step = env.step(np.int32(1))
        if step.is_last():
            break
    assert step.discount == 0 and count < 20
    entry = registry.get("gym:CartPole-v1")
    assert (entry.rate_hz, entry.episode_steps, entry.gin_file) == (50.0, 500, "gym")
    env.close()


def test_box_actions_are_scaled_to_the_bounds():
    env = registry.make("gym:Pendulum-v1", seed=0)
    theirs = gymnasium.make("Pendulum-v1")
    env.reset(), theirs.reset(seed=0)
    step = env.step(np.array([0.5], np.float32))
    observation, reward, *_ = theirs.step(np.array([1.0], np.float32))
    np.testing.assert_allclose(step.observation["state"], observation, rtol=1e-6)
    np.testing.assert_allclose(step.reward, reward, rtol=1e-6)
    env.close(), theirs.close()


def test_its_mujoco_robots_come_after_our_choice_of_the_gl_library():
    code = ("import os; os.environ.pop('MUJOCO_GL', None)\n"
            "from robot_envs import registry\nregistry.get('gym:HalfCheetah-v5')\n"
            "print(os.environ['MUJOCO_GL'])")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() in ("osmesa", "egl", "disabled"), done.stderr


@pytest.mark.parametrize(
    "name, words",
    [
        ("gym:Cartpol-v1", "near it: .*CartPole-v1"),
        ("gym:CartPole-v7", "near it: .*CartPole-v1"),
        ("gym:", "near it: "),
        ("gym:no_such_package:Thing-v0", "No module named 'no_such_package'"),
    ],
)
def test_an_unknown_id_lists_near_ones(name, words):
    with pytest.raises(RobotError, match=words) as caught:
        registry.get(name)
    assert f"unknown robot '{name}'" in str(caught.value) and "\n" not in str(caught.value)


def test_what_cannot_be_acted_in_is_told():
    with pytest.raises(RobotError, match="gym:Odd-v0: actions must be a Box of floats or Discrete"):
        registry.make("gym:Odd-v0", seed=0)


def test_a_missing_package_names_the_extra(monkeypatch):
    for name in [key for key in sys.modules if key.partition(".")[0] == "gymnasium"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "gymnasium", None)
    with pytest.raises(RobotError, match=r"the extra 'gym': pip install 'dreamer_tf\[gym\]'"):
        registry.get("gym:CartPole-v1")
