"""Whatever goes wrong with a real task's sensors or reward is refused by name."""

import numpy as np
import pytest
from tf_agents.environments import wrappers

from robot_envs.a1.constants import STANDING_RADIANS
from robot_envs.a1.environment import A1Environment
from robot_envs.a1.twin import A1Twin
from robot_envs.errors import RobotError
from robot_envs.wrappers.sensor_check import SensorCheck


class _Broken(wrappers.PyEnvironmentBaseWrapper):
    """Changes time steps on their way out."""

    change = staticmethod(lambda time_step: time_step)

    def _reset(self):
        return self.change(self._env.reset())

    def _step(self, action):
        return self.change(self._env.step(action))


@pytest.fixture(scope='module')
def broken():
    return _Broken(A1Environment(A1Twin(seed=0)))


@pytest.fixture
def env(broken):
    broken.change = lambda time_step: time_step
    env = SensorCheck(broken, robot='a1')
    env.reset()
    return env


def _with(key, make):
    def change(time_step):
        observation = dict(time_step.observation)
        observation[key] = make(observation[key])
        return time_step._replace(observation=observation)
    return change


def _without(key):
    def change(time_step):
        return time_step._replace(
            observation={k: v for k, v in time_step.observation.items() if k != key})
    return change


def _poke(value):
    def make(array):
        array = array.copy()
        array[1] = value
        return array
    return make


CASES = {
    'nan': (_with('imu', _poke(np.nan)),
            r'a1: imu: expected finite numbers, found 1 of 4 not finite \(nan\)'),
    'infinite': (_with('joint_angles', _poke(-np.inf)),
                 r'a1: joint_angles: expected finite numbers, found 1 of 12 not finite \(-inf\)'),
    'shape': (_with('imu', lambda imu: imu[:3]),
              r'a1: imu: expected shape \(4,\), found shape \(3,\)'),
    'dtype': (_with('imu', lambda imu: imu.astype(np.float64)),
              'a1: imu: expected dtype float32, found dtype float64'),
    'missing': (_without('imu'),
                r"a1: observation: expected the keys \['imu', 'joint_angles'\], "
                r"found \['joint_angles'\]"),
    'unknown': (lambda step: step._replace(observation={**step.observation, 'gps': 0}),
                r"found \['gps', 'imu', 'joint_angles'\]"),
    'reward': (lambda step: step._replace(reward=np.float32(np.nan)),
               r'a1: reward: expected finite numbers, found 1 of 1 not finite \(nan\)'),
    'reward shape': (lambda step: step._replace(reward=np.zeros(2, np.float32)),
                     r'a1: reward: expected shape \(\), found shape \(2,\)'),
    'discount': (lambda step: step._replace(discount=np.float32(np.inf)),
                 'a1: discount: expected finite numbers'),
}


@pytest.mark.parametrize('case', CASES)
@pytest.mark.parametrize('when', ['reset', 'step'])
def test_bad_time_step_is_refused(broken, env, case, when):
    broken.change, message = CASES[case]
    with pytest.raises(RobotError, match=message):
        if when == 'reset':
            env.reset()
        else:
            env.step(np.zeros(12, np.float32))


def test_good_time_step_passes_unchanged(env):
    time_step = env.step(np.zeros(12, np.float32))
    assert time_step.observation['imu'].shape == (4,)


def test_reward_that_is_not_a_number_comes_from_the_task_itself():
    """TF-Agents' own time steps would raise before the check could name the robot."""
    twin = A1Twin(seed=0)
    env = SensorCheck(A1Environment(twin), robot='a1')
    env.reset()
    read = twin.read()
    twin.read = lambda: read._replace(values={**read.values, 'velocity': np.full(3, np.nan),
                                              'joint_angles': STANDING_RADIANS,
                                              'orientation': np.array([1.0, 0, 0, 0])})
    with pytest.raises(RobotError, match='a1: reward: expected finite numbers'):
        env.step(np.zeros(12, np.float32))
