"""Settings of a robot on the command line."""

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
