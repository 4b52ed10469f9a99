"""The operator's wishes, and the environment that carries them out."""

import json

import numpy as np
import pytest

from dreamer_tf.console.operated_environment import OperatedEnvironment
from dreamer_tf.console.operator import Operator
from robot_envs import registry


@pytest.fixture
def stops():
    return []


@pytest.fixture
def operator(tmp_path, stops):
    return Operator(tmp_path / "marks.jsonl", stop=lambda: stops.append(True))


@pytest.fixture
def env(operator):
    env = OperatedEnvironment(registry.make("a1", seed=0, episode_steps=5), operator)
    yield env
    env.close()


def _step(env):
    return env.step(np.zeros(12, np.float32))


def test_a_pause_ends_the_episode_with_the_step_that_is_made(env, operator):
    env.reset()
    assert not _step(env).is_last()
    assert operator.do("pause") == "pausing"
    assert operator.wants_end and not operator.is_paused  # a step is still to be made
    last = _step(env)
    assert last.is_last() and last.discount == 1  # cut off, not over
    assert operator.do("status") == "paused" and operator.is_paused
    assert operator.status()["env_steps"] == 2  # at once, and so a mark names this step
    assert operator.do("resume") == "acting" and not operator.is_paused
    assert env.reset().is_first()
    assert not _step(env).is_last()


def test_a_second_pause_changes_nothing(env, operator):
    env.reset()
    operator.do("pause")
    assert operator.do("pause") == "pausing" and operator.wants_end
    assert _step(env).is_last()
    for _ in range(2):
        assert operator.do("pause") == "paused"
        assert operator.is_paused and not operator.wants_end
    assert operator.do("resume") == "acting" and not operator.is_paused
    env.reset()
    assert not _step(env).is_last()


def test_a_reset_while_paused_is_refused(env, operator):
    env.reset()
    operator.do("pause")
    assert operator.do("reset") == "pausing"  # this episode's end was asked for anyway
    assert _step(env).is_last()
    for _ in range(2):
        with pytest.raises(ValueError, match="the robot is paused, a reset would move it"):
            operator.do("reset")
        assert operator.is_paused and operator.do("status") == "paused"
    operator.do("resume")
    env.reset()
    assert not _step(env).is_last()


def test_a_pause_before_an_episode_is_there_at_once(env, operator):
    assert operator.do("pause") == "paused" and operator.is_paused
    operator.do("resume")
    env.reset()
    operator.do("reset")
    assert _step(env).is_last()
    assert operator.do("pause") == "paused" and operator.is_paused


def test_a_reset_between_episodes_ends_none(env, operator):
    assert operator.do("reset") == "acting"
    env.reset()
    assert not _step(env).is_last()


def test_steps_are_counted_from_those_that_the_run_has(operator):
    env = OperatedEnvironment(registry.make("a1", seed=0, episode_steps=2), operator, env_steps=70)
    env.reset()
    assert operator.status()["env_steps"] == 70
    for _ in range(3):  # the third begins anew, as a step behind the last one does
        _step(env)
    assert operator.status()["env_steps"] == 73
    env.close()


def test_a_pause_is_taken_back_before_its_step(env, operator):
    env.reset()
    operator.do("pause")
    operator.do("resume")
    assert not _step(env).is_last()
    assert operator.status()["state"] == "acting"


def test_a_reset_ends_the_episode_and_goes_on(env, operator):
    env.reset()
    assert operator.do("reset") == "resetting"
    assert not operator.is_paused
    assert _step(env).is_last()
    assert operator.status()["state"] == "acting"
    env.reset()
    assert not _step(env).is_last()


def test_a_wish_for_the_end_does_not_outlive_an_episode_that_ends_anyway(env, operator):
    env.reset()
    for _ in range(4):
        _step(env)
    operator.do("reset")
    assert _step(env).is_last()
    env.reset()
    assert not _step(env).is_last()


def test_what_is_shown(env, operator):
    env.reset()
    total = sum(float(_step(env).reward) for _ in range(3))
    status = operator.status()
    assert (status["doing"], status["episode_step"]) == ("episode", 3)
    assert status["episode_return"] == pytest.approx(total)
    assert set(status["robot"]) and all(np.isscalar(value) for value in status["robot"].values())
    json.dumps(status)


def test_marks_are_kept_with_their_step(operator, tmp_path):
    operator.report(env_steps=41, episode_step=3)
    assert operator.do("mark", "it fell") == "marked step 41"
    operator.do("mark")
    lines = [json.loads(line) for line in (tmp_path / "marks.jsonl").read_text().splitlines()]
    assert [line["text"] for line in lines] == ["it fell", ""]
    assert (lines[0]["env_steps"], lines[0]["episode_step"]) == (41, 3)


def test_stop(operator, stops):
    for _ in range(2):
        assert operator.do("stop") == "stopping"
    assert stops == [True]


def test_an_unknown_word(operator):
    with pytest.raises(ValueError, match="unknown word 'jump'; there are: status, pause"):
        operator.do("jump")
