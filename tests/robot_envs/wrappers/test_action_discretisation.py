"""Every combination of the motors' values has its number."""

import numpy as np
import pytest
from echo_environment import EchoEnvironment
from tf_agents.specs import array_spec

from robot_envs.errors import RobotError
from robot_envs.wrappers.action_discretisation import ActionDiscretisation


def test_all_combinations_in_their_order():
    inner = EchoEnvironment()
    env = ActionDiscretisation(inner, bins=3, robot="arm")
    spec = env.action_spec()
    assert (spec.shape, spec.dtype, spec.minimum, spec.maximum) == ((), np.int32, 0, 8)
    env.reset()
    for choice in range(9):
        env.step(np.int32(choice))
    values = (-1, 0, 1)
    assert [tuple(a) for a in inner.actions] == [(a, b) for a in values for b in values]
    assert inner.actions[0].dtype == np.float32


def test_each_motor_has_its_own_bounds():
    inner = EchoEnvironment(array_spec.BoundedArraySpec((2,), np.float32, [0, -4], [1, 4]))
    env = ActionDiscretisation(inner, bins=2, robot="arm")
    env.reset()
    env.step(np.int32(1))
    env.step(np.int32(2))
    assert [a.tolist() for a in inner.actions] == [[0, 4], [1, -4]]


@pytest.mark.parametrize("spec, bins, words", [
    (None, 1, "bins=1 for 2 motors make 1 actions"),
    (array_spec.BoundedArraySpec((12,), np.float32, -1, 1), 3, "531441 actions"),
    (array_spec.BoundedArraySpec((), np.int32, 0, 3), 3, "only a float action"),
])
def test_what_cannot_be_cut_is_refused_by_name(spec, bins, words):
    with pytest.raises(RobotError, match=f"^arm: .*{words}"):
        ActionDiscretisation(EchoEnvironment(spec), bins=bins, robot="arm")
