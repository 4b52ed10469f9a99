"""The loop that moves a robot, and a pause that comes when no episode goes on."""

import numpy as np
import pytest
from tf_agents.environments import wrappers

from dreamer_tf.collector import Collector
from dreamer_tf.console.operated_environment import OperatedEnvironment
from dreamer_tf.console.operator import Operator
from robot_envs import registry
from robot_envs.errors import RobotFault


class Moved(wrappers.PyEnvironmentBaseWrapper):
    """Keeps what moved the robot: 'reset' or 'step'. `meanwhile[word]` is called once within it."""

    def __init__(self, env):
        super().__init__(env)
        self.moves, self.meanwhile = [], {}

    def _reset(self):
        self.moves.append("reset")
        self.meanwhile.pop("reset", lambda: None)()
        return self._env.reset()

    def _step(self, action):
        self.moves.append("step")
        self.meanwhile.pop("step", lambda: None)()
        return self._env.step(action)


class Still:
    def action(self, time_step):
        return np.zeros(12, np.float32)


@pytest.fixture
def operator(tmp_path):
    return Operator(tmp_path / "marks.jsonl", stop=lambda: None)


@pytest.fixture
def robot():
    robot = Moved(registry.make("a1", seed=0, episode_steps=3))
    yield robot
    robot.close()


@pytest.fixture
def written():
    return []


@pytest.fixture
def collector(robot, operator, written):
    env = OperatedEnvironment(robot, operator)
    return Collector(env, Still(), written.append, prefill_steps=0, seed=0,
                     paused=lambda: env.is_paused)


def _turns(collector, operator, count):
    """What the training loop and the actor do, `count` times."""
    for _ in range(count):
        if not operator.is_paused:
            collector.step()


def _fault(operator=None, person=False):
    if operator is not None:
        assert operator.do("pause") == "pausing"
    raise RobotFault("the sensors are old", person=person)


def test_a_fault_in_the_step_that_a_pause_waits_for_ends_the_episode(
        collector, operator, robot, written):
    _turns(collector, operator, 1)
    robot.meanwhile["step"] = lambda: _fault(operator)
    _turns(collector, operator, 9)
    assert robot.moves == ["reset", "step", "step"]
    assert operator.do("status") == "paused"
    operator.do("resume")
    _turns(collector, operator, 2)
    assert robot.moves[3:] == ["reset", "step", "step"]
    assert [bool(step["is_first"]) for step in written] == [True, False, True, False, False]


def test_a_fault_for_a_person_in_that_step_is_not_hidden(collector, operator, robot):
    robot.meanwhile["step"] = lambda: _fault(operator, person=True)
    with pytest.raises(RobotFault):
        _turns(collector, operator, 1)
    assert operator.do("status") == "paused"


def test_a_pause_behind_the_last_step_holds_before_the_reset(collector, operator, robot):
    _turns(collector, operator, 3)
    assert operator.do("pause") == "paused"
    _turns(collector, operator, 9)
    assert robot.moves == ["reset"] + 3 * ["step"]


def test_a_pause_within_a_reset_holds_before_the_first_step(collector, operator, robot, written):
    states = []
    robot.meanwhile["reset"] = lambda: states.append(operator.do("pause"))
    _turns(collector, operator, 9)
    assert robot.moves == ["reset"] and states == ["pausing"]  # it still moves
    assert operator.do("status") == "paused" and written == []
    operator.do("resume")
    _turns(collector, operator, 1)
    assert robot.moves[1:] == ["reset", "step"]  # somebody may have carried it
    assert [bool(step["is_first"]) for step in written] == [True, False]
    operator.do("pause")
    _turns(collector, operator, 9)
    assert robot.moves[3:] == ["step"] and bool(written[-1]["is_last"])


def test_a_pause_within_a_reset_that_fails_holds_before_the_next(collector, operator, robot):
    robot.meanwhile["reset"] = lambda: _fault(operator)
    _turns(collector, operator, 9)
    assert robot.moves == ["reset"] and operator.do("status") == "paused"
    operator.do("resume")
    robot.meanwhile["reset"] = _fault
    _turns(collector, operator, 1)
    assert robot.moves[1:] == ["reset", "reset", "step"]


def test_a_pause_before_the_first_episode_holds(collector, operator, robot):
    operator.do("pause")
    _turns(collector, operator, 9)
    collector.step()  # the pause came behind the look at it
    assert robot.moves == []


def test_a_pause_just_behind_the_look_moves_nothing(robot, operator, written):
    """The person was told "paused": no reset may follow."""
    env, told = OperatedEnvironment(robot, operator), []

    def paused():
        seen = env.is_paused
        if not told:
            told.append(operator.do("pause"))
        return seen
    collector = Collector(env, Still(), written.append, prefill_steps=0, seed=0, paused=paused)
    assert collector.step() is None
    assert (told, robot.moves, written) == (["paused"], [], [])
    assert operator.status()["state"] == "paused"
    operator.do("resume")
    collector.step()
    assert robot.moves == ["reset", "step"]
