"""The Sphero's task: reward, reset, and that it can be done."""

import numpy as np
import pytest

from robot_envs import registry
from robot_envs.sphero.environment import SpheroEnvironment, goal_distance
from robot_envs.sphero.scripted import drive_to_goal
from robot_envs.sphero.twin import SpheroTwin


@pytest.mark.parametrize('position, distance', [
    ((0.825, 0.165), 0.0), ((0.825, 0.465), 0.3), ((0.425, 0.465), 0.5), ((0.0, 0.165), 0.825)])
def test_distance_at_known_positions(position, distance):
    assert goal_distance(np.array(position)) == pytest.approx(distance)


@pytest.mark.parametrize('position, reward, success', [
    ((0.825, 0.165), 0.0, True), ((0.825, 0.565), -0.4, False), ((0.425, 0.465), -0.5, False),
    ((0.825, 0.25), -0.085, True)])
def test_reward_of_a_robot_that_stands_there(position, reward, success):
    twin = SpheroTwin(seed=0)
    env = SpheroEnvironment(twin, seed=0)
    env.reset()
    twin.place(position, 1.0)
    time_step = env.step(np.zeros(2, np.float32))
    assert float(time_step.reward) == pytest.approx(reward, abs=1e-3)
    assert env.get_info()['success'] is success
    env.close()


def test_reset_drives_for_nine_seconds_and_comes_to_rest():
    env = registry.make('sphero', seed=0)
    env.reset()
    before = env.get_info()
    assert before['time'] == pytest.approx(9.0)
    env.step(np.zeros(2, np.float32))
    np.testing.assert_allclose(env.get_info()['position'], before['position'], atol=1e-4)
    env.reset()
    assert np.abs(env.get_info()['position'] - before['position']).max() > 0.01
    env.close()


@pytest.mark.parametrize('seed', range(4))
def test_driver_that_knows_the_state_reaches_the_goal(seed):
    env = registry.make('sphero', seed=seed)
    env.reset()
    distances = []
    for _ in range(100):
        env.step(drive_to_goal(env.get_info()))
        distances.append(env.get_info()['distance'])
    assert np.mean(distances) < 0.15
    assert max(distances[20:]) < 0.1
    env.close()


def test_random_driver_is_as_far_as_published():
    """The published run begins at .67; the first 300 random steps of eight twins."""
    distances = []
    for seed in range(8):
        env = registry.make('sphero', seed=seed)
        random = np.random.default_rng(seed)
        for _ in range(3):
            env.reset()
            distances += [-env.step(random.uniform(-1, 1, 2)).reward for _ in range(100)]
        env.close()
    assert 0.55 < np.mean(distances) < 0.75


def test_render_is_a_picture_for_people():
    env = registry.make('sphero', seed=0)
    env.reset()
    picture = env.render()
    assert picture.dtype == np.uint8 and picture.shape[0] == 256 and picture.shape[2] == 3
    env.close()


def test_speed(relative_cost):
    """About 1,400 steps a second of one core's time: 1.3 to 1.8 passes, idle or not."""
    env = registry.make('sphero', seed=0)
    env.reset()
    assert relative_cost(lambda: env.step(np.array([0.5, 0.3], np.float32))) < 4
    env.close()
