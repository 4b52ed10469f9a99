"""The checker: a healthy robot passes, and each fault is found by the check that is for it."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from tf_agents.environments import py_environment, wrappers
from tf_agents.specs import array_spec
from tf_agents.trajectories import time_step as ts

from dreamer_tf.types import STEP_KEYS
from robot_envs import check
from robot_envs.checks import specs
from robot_envs.checks.recording import Recording, make_actions, record
from robot_envs.errors import RobotError
from robot_envs.registry import RobotEntry
from robot_envs.terminated import Terminated
from robot_envs.wrappers.action_check import ActionCheck

ROOT = Path(__file__).resolve().parents[3]
RATE_HZ = 1000.0  # Fast, so that a real one can be played too.
EPISODE_STEPS = 20


class Arm(py_environment.PyEnvironment):
    """A healthy robot with a vector, a picture and time stamps. Broken ones override one thing."""

    discount = 1.0

    def __init__(self, seed):
        super().__init__()
        self.random = np.random.default_rng(seed)
        self.count = 0
        self.closed = 0
        self.state = np.zeros(3)

    def observation_spec(self):
        return {
            "angles": array_spec.BoundedArraySpec((3,), np.float32, -9, 9, "angles"),
            "image": array_spec.BoundedArraySpec((64, 64, 3), np.uint8, 0, 255, "image"),
        }

    def action_spec(self):
        return array_spec.BoundedArraySpec((2,), np.float32, -1.0, 1.0, "action")

    def observe(self):
        self.count += 1
        picture = self.random.integers(0, 256, (64, 64, 3), np.uint8)
        return {"angles": self.random.uniform(-1, 1, 3).astype(np.float32), "image": picture}

    def reward(self):
        return 0.5

    def stamp(self):
        return self.count / RATE_HZ

    def get_info(self):
        return {"time": self.stamp()}

    def render(self, mode="rgb_array"):
        return np.zeros((10, 12, 3), np.uint8)

    def close(self):
        self.closed += 1

    def _reset(self):
        return ts.restart(self.observe())

    def _step(self, action):
        return ts.TimeStep(ts.StepType.MID, np.float32(self.reward()), np.float32(self.discount),
                           self.observe())


def make_twin(kind, seed, *, episode_steps=EPISODE_STEPS):
    return ActionCheck(wrappers.TimeLimit(kind(seed), episode_steps), robot="arm")


def make_real(kind, seed):
    return make_twin(kind, seed)


def _entry(kind, module=__name__):
    return RobotEntry("arm", "", RATE_HZ, EPISODE_STEPS, ("twin", "real"), module,
                      arguments=(kind,))


def _examine(kind, **options):
    return check.examine(_entry(kind), **{"steps": 60, **options}).findings


def _healthy_but(**methods):
    return type("Broken", (Arm,), methods)


def _changed(key, change):
    """An `observe` whose `key` goes through `change(self, value)`."""

    def observe(self):
        observation = Arm.observe(self)
        observation[key] = change(self, observation[key])
        return observation

    return observe


def test_a_healthy_robot_has_no_findings():
    assert _examine(Arm) == []


def _action_spec(*spec):
    return lambda self: array_spec.BoundedArraySpec(*spec)


def _observation_spec(key, *spec):
    return lambda self: {**Arm.observation_spec(self), key: array_spec.ArraySpec(*spec)}


@pytest.mark.parametrize("methods, words", [
    ({"action_spec": _action_spec((2,), np.float32, -2.0, 2.0)}, r"must lie in \[-1, 1\]"),
    ({"action_spec": _action_spec((2,), np.float64, -1.0, 1.0)}, "float64"),
    ({"action_spec": _action_spec((), np.int32, 1, 4)}, "int32 .. from 0"),
    ({"action_spec": lambda self: {"a": Arm.action_spec(self)}}, "one BoundedArraySpec"),
    ({"observation_spec": _observation_spec("gyro", (3,), np.float64)}, "'gyro' must be float32"),
    ({"observation_spec": _observation_spec("map", (5, 5), np.float32)}, "vector or a picture"),
    ({"observation_spec": _observation_spec("wide", (48, 64, 3), np.uint8)}, "ImageResize"),
    ({"observation_spec": _observation_spec("rgb", (64, 64, 3), np.float32)}, "must be uint8"),
    ({"observation_spec": _observation_spec("reward", (1,), np.float32)}, "rename"),
    ({"observation_spec": lambda self: array_spec.ArraySpec((3,), np.float32)}, "must be a dict"),
])
def test_specs(methods, words):
    texts = [finding.text for finding in specs.check_specs(_healthy_but(**methods)(0))]
    assert len(texts) >= 1
    assert any(re.search(words, text) for text in texts), texts


def test_reserved_names_are_those_of_the_replay():
    assert set(specs.RESERVED_KEYS) == set(STEP_KEYS)


def _set(index, value):
    def change(self, array):
        if self.count > 10:
            array[index] = value
        return array
    return change


def _buffer(self):
    self.kept = getattr(self, "kept", np.zeros(3, np.float32))
    self.kept += self.random.uniform(0, 0.1, 3).astype(np.float32)
    return {**Arm.observe(self), "angles": self.kept}


def _raise(self):
    if self.count > 10:
        raise ConnectionError("cable")
    return Arm.observe(self)


@pytest.mark.parametrize("check_name, methods, words", [
    ("steps", {"observe": _changed("angles", _set(1, np.nan))}, r"angles: .*1 of 3 .*step 10"),
    ("steps", {"observe": _changed("angles", _set(2, 30.0))}, "expected -9 to 9, found .* to 30"),
    ("steps", {"observe": _changed("angles", lambda self, a: a.astype(np.float64))}, "float64"),
    ("steps", {"observe": _changed("angles", lambda self, a: a[:2])}, r"shape \(2,\)"),
    ("steps", {"observe": lambda self: {"angles": np.zeros(3, np.float32)}}, "expected the keys"),
    ("steps", {"reward": lambda self: np.nan}, "reward: expected finite"),
    ("steps", {"discount": 1.5}, "discount: expected 0 to 1"),
    ("steps", {"observe": _raise}, "ended with ConnectionError: cable"),
    ("steps", {"_reset": lambda self: ts.restart(self.observe())._replace(
        reward=np.float32(1))}, "expected 0 with the first step"),
    ("range", {"observe": _changed("image", lambda self, a: a // 255)}, "never exceeds 1"),
    ("memory", {"observe": _buffer}, "'angles' of earlier steps changes"),
    ("frozen", {"observe": _changed("image", lambda self, a: a * 0 + 90)}, "'image' never"),
    ("frozen", {"observe": _changed("angles", lambda self, a: np.where(
        self.count > 40, np.float32(0.3), a))}, "'angles' stood still for 2. of 61"),
    ("time", {"stamp": lambda self: -self.count / RATE_HZ}, "go backwards"),
    ("time", {"stamp": lambda self: (self.count // 2) / RATE_HZ}, "stand still"),
    ("time", {"stamp": lambda self: np.nan}, "not finite"),
    ("rate", {"stamp": lambda self: self.count / 50}, "0.02 s of the robot's time"),
    ("picture", {"render": lambda self, mode=None: np.zeros((4, 4))}, "uint8"),
    ("close", {"close": lambda self: 1 / 0}, "ZeroDivisionError"),
    ("seed", {"observe": _changed("angles", lambda self, a: np.random.uniform(
        -1, 1, 3).astype(np.float32))}, "differ at step 0 in 'angles'"),
])
def test_each_fault_is_found(check_name, methods, words):
    findings = [f for f in _examine(_healthy_but(**methods)) if f.check == check_name and f.error]
    assert len(findings) == 1, findings
    assert re.search(words, findings[0].text), findings


@pytest.mark.parametrize("check_name, methods, words", [
    ("time", {"get_info": lambda self: {}}, "no 'time'"),
    ("frozen", {"observe": _changed("angles", _set(slice(1, 2), 0))}, None),
    ("frozen", {"observe": _changed("angles", lambda self, a: np.array(
        [a[0], 7, a[2]], np.float32))}, "elements 1"),
    ("frozen", {"observe": _changed("angles", lambda self, a: np.array(
        [0, 1, 0], np.float32))}, "never changed"),
    ("picture", {"render": lambda self, mode=None: None}, "no picture"),
    ("rate", {"reward": lambda self: time.sleep(0.002) or 0.0}, "slower than the robot's time"),
])
def test_what_may_be_right_is_a_note(check_name, methods, words):
    findings = _examine(_healthy_but(**methods))
    assert not any(finding.error for finding in findings), findings
    texts = [finding.text for finding in findings if finding.check == check_name]
    if words is None:
        assert texts == []
    else:
        assert len(texts) == 1 and words in texts[0]


def test_another_seed_that_changes_nothing_is_a_note():
    kind = _healthy_but(__init__=lambda self, seed: Arm.__init__(self, 0))
    assert [(f.check, f.error) for f in _examine(kind)] == [("seed", False)]


_make_healthy = make_twin


class Factories:
    """Other ways to put the same arm together."""

    @staticmethod
    def endless(kind, seed, *, episode_steps=EPISODE_STEPS):
        return ActionCheck(wrappers.TimeLimit(kind(seed), 10**9), robot="arm")

    @staticmethod
    def unlimited(kind, seed):
        return _make_healthy(kind, seed)

    @staticmethod
    def unchecked(kind, seed, *, episode_steps=EPISODE_STEPS):
        return wrappers.TimeLimit(kind(seed), episode_steps)


@pytest.mark.parametrize("factory, found", [
    (Factories.endless, {("episodes", "no LAST step after episode_steps=20"),
                         ("episodes", "episode_steps=5 gave FIRST MID")}),
    (Factories.unlimited, {("episodes", "takes no episode_steps")}),
    (Factories.unchecked, {("actions", "(NaN) reaches the robot"),
                           ("actions", "(one of a wrong shape)")}),
])
def test_how_it_is_put_together(monkeypatch, factory, found):
    monkeypatch.setattr(sys.modules[__name__], "make_twin", factory)
    findings = _examine(Arm)
    assert len(findings) >= len(found)
    for name, words in found:
        assert any(f.check == name and words in f.text for f in findings), (words, findings)


class Ends:
    """Wrappers that end and begin episodes wrongly."""

    class Terminal(wrappers.TimeLimit):
        def _step(self, action):
            step = super()._step(action)
            return step._replace(discount=np.float32(0)) if step.is_last() else step

    class NoFirst(wrappers.TimeLimit):
        def _reset(self):
            return super()._reset()._replace(step_type=ts.StepType.MID)

    class Restarts(wrappers.TimeLimit):
        def _step(self, action):
            step = super()._step(action)
            return step._replace(step_type=ts.StepType.FIRST, reward=np.float32(0)) \
                if step.is_last() else step


@pytest.mark.parametrize("limit, name, words", [
    (Ends.Terminal, "episodes", "ends with discount 0"),
    (Ends.NoFirst, "reset", "must give a FIRST step, found MID"),
    (Ends.NoFirst, "reset", "in an episode must give FIRST, found MID"),
    (Ends.NoFirst, "reset", "after LAST must reset, found MID"),
    (Ends.Restarts, "episodes", "FIRST step came without a LAST"),
])
def test_ends_of_episodes(monkeypatch, limit, name, words):
    def make(kind, seed, *, episode_steps=EPISODE_STEPS):
        return ActionCheck(limit(kind(seed), episode_steps), robot="arm")

    monkeypatch.setattr(sys.modules[__name__], "make_twin", make)
    findings = _examine(Arm)
    assert any(f.check == name and words in f.text for f in findings), findings


def test_a_real_robot_must_keep_its_rate_and_gets_no_nonsense():
    period = 1 / RATE_HZ

    class Real(Arm):
        made = []

        def __init__(self, seed):
            super().__init__(seed)
            self.made.append(self)
            self.actions = []

        def reward(self):
            time.sleep(period)
            return 0.0

        def _step(self, action):
            self.actions.append(action)
            return super()._step(action)

    class Late(Real):
        def reward(self):
            time.sleep(5 * period)
            return 0.0

    late = [f for f in _examine(Late, backend="real") if f.check == "rate"]
    assert len(late) == 1 and late[0].error and "RateControl" in late[0].text
    assert len(Real.made) == 1  # made once
    assert np.all(np.isfinite(Real.made[0].actions)) and Real.made[0].closed == 2
    quick = [f for f in _examine(Arm, backend="real") if f.check == "rate"]
    assert len(quick) == 1 and quick[0].error


def test_latency_is_that_of_the_steps():
    ticks = iter(np.cumsum([0, 1.0, 0, 0.2, 0, 0.2, 0, 0.9]))
    env = make_twin(Arm, 0)
    actions = make_actions(env.action_spec(), 3, seed=0, extremes=True)
    recording = record(env, actions, clock=lambda: next(ticks))
    from robot_envs.checks.timing import measure_latency
    latency = measure_latency(recording)
    assert latency.reset_p50 == pytest.approx(1.0) and latency.step_p50 == pytest.approx(0.2)
    assert 0.8 < latency.step_p99 <= 0.9
    assert np.all(actions[0] == -1) and np.all(actions[1] == 1)
    assert np.isnan(measure_latency(Recording([], None)).step_p50)


def _run(*flags):
    return subprocess.run([sys.executable, "-m", "robot_envs.check", *flags], cwd=ROOT,
                          capture_output=True, text=True, timeout=300)


def test_exit_codes_and_lines(capsys, monkeypatch):
    assert check.main(["--robot=sphero", "--steps=30"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[-1] == "0 errors, 0 notes"
    assert "step p50" in out[-2] and "500 ms at 2 Hz" in out[-2]
    frozen = _healthy_but(observe=_changed("image", lambda self, a: a * 0 + 90))
    monkeypatch.setattr("robot_envs.registry.get", lambda name: _entry(frozen))
    assert check.main(["--robot=arm", "--steps=30"]) == 1
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith("error frozen: 'image' never changed in 31 steps")
    assert out[-1] == "1 errors, 0 notes"


def test_an_unknown_robot_is_one_line():
    done = _run("--robot=roomba")
    assert done.returncode == 1
    line, = done.stderr.splitlines()
    assert line.startswith("check: error: unknown robot 'roomba'; choose one of: sphero, a1")


HELD = """
import time
from robot_envs.registry import RobotEntry
from robot_envs.sphero.make import make_twin

ENTRY = RobotEntry("held", "", 2.0, 100, ("twin", "real"), "held")

def make_real(seed):
    env = make_twin(seed)
    close, {method} = env.close, env.{method}
    env.close = lambda: (print("closed", flush=True), close())

    def slow(*words):
        print("moves", flush=True)
        time.sleep(0.1)
        return {method}(*words)

    env.{method} = slow
    return env
"""


@pytest.mark.parametrize("method", ["step", "action_spec"])
@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_closes_the_robot_and_is_one_line(tmp_path, method, number, code):
    (tmp_path / "held.py").write_text(HELD.format(method=method))
    process = subprocess.Popen(
        [sys.executable, "-m", "robot_envs.check", "--robot=held:ENTRY", "--backend=real",
         "--steps=100000"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "moves\n"
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == code and "Traceback" not in err
    assert err.splitlines()[-1] == "check: error: interrupted"  # before it Gym's notice
    assert out.splitlines()[-1] == "closed"  # and nothing moves behind it


def _does_not_end(self):
    raise RobotError("the guardian (process 7) does not end: kill -9 7")


@pytest.mark.parametrize("place", ["_step", "render"])
@pytest.mark.parametrize("kind, code", [(KeyboardInterrupt, 130), (Terminated, 143)])
def test_a_signal_does_not_hide_a_robot_that_does_not_let_go(
        capsys, monkeypatch, place, kind, code):
    def end(self, *words):
        raise kind

    held = _healthy_but(**{place: end, "close": _does_not_end})
    monkeypatch.setattr("robot_envs.registry.get", lambda name: _entry(held))
    assert check.main(["--robot=arm", "--backend=real"]) == code
    assert capsys.readouterr().err.splitlines() == [
        "error close: close() raised RobotError: the guardian (process 7) does not end: kill -9 7",
        "check: error: interrupted"]


def test_a_signal_while_the_robot_is_closed_closes_it_again():
    class Slow(Arm):
        made = []

        def close(self):
            super().close()
            self.made.append(self)
            if self.closed == 1:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _examine(Slow, backend="real")
    assert Slow.made[0].closed == 3  # the first was interrupted


def test_sigterm_is_as_before_when_the_check_is_over(capsys):
    before = signal.getsignal(signal.SIGTERM)
    assert check.main(["--robot=roomba"]) == 1
    assert signal.getsignal(signal.SIGTERM) is before
