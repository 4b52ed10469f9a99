"""Settings of a robot on the command line."""

import gin
import pytest

from robot_envs import registry
from robot_envs.errors import RobotError
from robot_envs.settings import bind


def test_they_reach_the_robot():
    bind(registry.get('a1'), 'hardware', ['A1Connection.address = "127.0.7.9"',
                                          'A1Connection.connect_seconds = 0.1',
                                          'A1Connection.local_port = 0'])
    with pytest.raises(RobotError, match='no answer from 127.0.7.9:8007'):
        registry.make('a1', seed=0, backend='hardware')


@pytest.mark.parametrize('binding', ['A1Connection.adress = "x"', 'Nothing.at_all = 1', 'a b c'])
def test_what_cannot_be_used_is_one_line(binding):
    with pytest.raises(RobotError, match='cannot be used') as caught:
        bind(registry.get('a1'), 'hardware', [binding])
    assert '\n' not in str(caught.value)


def test_they_are_taken_beside_the_settings_of_a_run_which_stay_locked():
    gin.parse_config('Disturbances.light_after_steps = 7')
    gin.finalize()
    bind(registry.get('a1'), 'twin', ['Disturbances.light = 0.5', 'Disturbances.light = 0.25'])
    assert gin.query_parameter('Disturbances.light') == 0.25
    assert gin.query_parameter('Disturbances.light_after_steps') == 7
    assert gin.config_is_locked()
