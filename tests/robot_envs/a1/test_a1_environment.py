"""The A1's task: what it observes, its reference rewards, and that it can be done."""

import numpy as np
import pytest

from robot_envs import registry
from robot_envs.a1 import constants as c
from robot_envs.a1 import scripted
from robot_envs.a1.environment import A1Environment
from robot_envs.a1.joint_targets import to_action
from robot_envs.a1.twin import A1Twin
from robot_envs.errors import RobotError

LEVEL = np.array([1.0, 0, 0, 0])
ROLL_OVER_ATTEMPTS = 8


@pytest.fixture
def env():
    env = registry.make('a1', seed=0, episode_steps=10**6)
    env.reset()
    yield env
    env.close()


def _stand_up(env):
    for action in scripted.roll_over():
        time_step = env.step(action)
    return float(time_step.reward)


def test_lying_on_its_back_gives_5(env):
    hold = to_action(env.get_info()['joint_angles'])
    rewards = [float(env.step(hold).reward) for _ in range(20)]
    np.testing.assert_allclose(rewards, 5.0, atol=0.05)


def test_standing_gives_8_9():
    twin = A1Twin(seed=0)
    env = A1Environment(twin)
    env.reset()
    twin.place(0.28, LEVEL, c.STANDING_RADIANS)
    for _ in range(60):
        time_step = env.step(c.STANDING_NORMALISED)
    assert float(time_step.reward) == pytest.approx(8.9, abs=0.15)
    env.close()


def test_scripted_roll_over_brings_it_to_its_feet_most_times():
    stood = 0
    for seed in range(ROLL_OVER_ATTEMPTS):
        env = registry.make('a1', seed=seed)
        env.reset()
        stood += _stand_up(env) > 8.5
        env.close()
    assert stood >= 0.65 * ROLL_OVER_ATTEMPTS


def test_open_loop_trot_gives_13_3(env):
    assert _stand_up(env) > 8.5
    rewards = [float(env.step(scripted.trot(step / c.RATE_HZ)).reward) for step in range(200)]
    assert 13.0 < np.mean(rewards) < 14.0
    assert env.get_info()['forward_speed'] > 0.3


def test_scripts_stay_inside_the_action_range():
    trots = [scripted.trot(step / c.RATE_HZ) for step in range(100)]
    for actions in (scripted.roll_over(), np.array(trots)):
        assert actions.shape[1] == 12 and np.all(np.abs(actions) <= 1)


def test_random_play_stays_near_5(env):
    random = np.random.default_rng(0)
    rewards = [float(env.step(random.uniform(-1, 1, 12)).reward) for _ in range(200)]
    assert 5.0 <= np.mean(rewards) < 6.5


def test_end_of_an_episode_does_not_move_the_robot():
    env = registry.make('a1', seed=0, episode_steps=10)
    env.reset()
    action = np.full(12, 0.5, np.float32)
    for _ in range(10):
        last = env.step(action)
    first = env.step(action)
    assert last.is_last() and first.is_first()
    for key, value in last.observation.items():
        np.testing.assert_array_equal(first.observation[key], value)
    env.close()


def test_filter_goes_on_through_the_end_of_an_episode():
    ends = []
    for length in (10, 10**6):
        env = registry.make('a1', seed=0, episode_steps=length)
        env.reset()
        for step in range(20):
            time_step = env.step(scripted.roll_over()[step % 20])
            if time_step.is_last():
                env.step(np.zeros(12, np.float32))  # Ignored: it only begins the next episode.
        ends.append(env.get_info()['joint_angles'])
        env.close()
    np.testing.assert_array_equal(*ends)


@pytest.mark.parametrize('axis, index', [(0, 0), (1, 1)])
@pytest.mark.parametrize('angle', [-1.0, 0.4])
def test_imu_shows_roll_and_pitch(axis, index, angle):
    twin = A1Twin(seed=0)
    env = A1Environment(twin)
    orientation = np.array([np.cos(angle / 2), 0, 0, 0])
    orientation[1 + axis] = np.sin(angle / 2)
    twin.place(0.5, orientation, c.STANDING_RADIANS)
    expected = np.zeros(4)
    expected[index] = angle
    np.testing.assert_allclose(env.reset().observation['imu'], expected, atol=1e-6)
    env.close()


def test_joint_angles_are_wrapped():
    twin = A1Twin(seed=0)
    env = A1Environment(twin)
    angles = c.STANDING_RADIANS.copy()
    angles[1] = 3.5
    twin.place(0.5, LEVEL, angles)
    observed = env.reset().observation['joint_angles']
    assert observed[1] == pytest.approx(3.5 - 2 * np.pi, abs=1e-6)
    np.testing.assert_allclose(np.delete(observed, 1), np.delete(angles, 1), atol=1e-6)
    assert env.get_info()['joint_angles'][1] == pytest.approx(3.5)
    env.close()


def test_starts_on_its_back_with_a_heading_of_the_seed():
    infos = []
    for seed in (1, 1, 2):
        env = registry.make('a1', seed=seed)
        env.reset()
        assert env.get_info()['up_z'] < -0.95
        infos.append(env.get_info()['joint_angles'])
        env.close()
    np.testing.assert_array_equal(infos[0], infos[1])
    assert not np.array_equal(infos[0], infos[2])


def test_first_action_does_not_jerk(env):
    """The filter starts where the joints are, so holding still is holding still."""
    before = env.get_info()['joint_angles']
    env.step(np.ones(12, np.float32))
    assert np.abs(env.get_info()['joint_angles'] - before).max() < 0.2


def test_push_moves_a_standing_robot(env):
    _stand_up(env)
    env.push(np.array([0.0, 10.0, 0.0]))
    env.step(c.STANDING_NORMALISED)
    pushed = env.get_info()
    env.step(c.STANDING_NORMALISED)
    assert pushed['speed'] > 0.2
    for _ in range(40):
        env.step(c.STANDING_NORMALISED)
    assert env.get_info()['speed'] < 0.1


def test_simulation_that_blows_up_is_refused(env, tmp_path, monkeypatch):
    """MuJoCo would start such a simulation again without a word."""
    monkeypatch.chdir(tmp_path)  # MuJoCo writes its warnings into a file there.
    env.push(np.array([np.nan, 0.0, 0.0]))
    with pytest.raises(RobotError, match='^a1: imu: expected finite numbers'):
        env.step(np.zeros(12, np.float32))


def test_speed(env, relative_cost):
    """About 1,000 steps a second of one core: 1.5 to 1.6 passes, idle and at a load of 16."""
    random = np.random.default_rng(0)
    assert relative_cost(lambda: env.step(random.uniform(-1, 1, 12).astype(np.float32))) < 3
