"""The launcher's exit code and lines, with small programs in the place of the roles."""

import sys

import pytest

from dreamer_tf.roles import launcher
from dreamer_tf.roles.launcher import Launcher

# Each role says by a file that it listens; the learner begins when all the others do.
PROGRAM = """#!{python}
import os, pathlib, signal, sys, time
folder = pathlib.Path({folder!r})
role = next(word[7:] for word in sys.argv if word.startswith('--role='))
saves = lambda *unused: sys.exit(143)

def wait_for_the_others():
    while len(list(folder.glob('*.listens'))) < 3:
        time.sleep(.02)

def learner():
    wait_for_the_others()

def stay(at_end=saves):
    signal.signal(signal.SIGTERM, at_end)
    (folder / (role + '.listens')).touch()
    while True:
        time.sleep(.02)

{behaviour}
globals().get(role, stay)()
"""
CANNOT_SAVE = "replay = lambda: stay(lambda *unused: sys.exit('error: could not save'))"
CANNOT_EVALUATE = "evaluator = lambda: stay(lambda *unused: sys.exit(3))"
DIES = "replay = lambda: stay(lambda *unused: os.kill(os.getpid(), signal.SIGSEGV))"
HANGS = "replay = lambda: stay(signal.SIG_IGN)"
STILL_STARTING = "replay = lambda: stay(signal.SIG_DFL)"
TERMINATED = """
def learner():
    wait_for_the_others()
    os.kill(os.getppid(), signal.SIGTERM)
    stay()
"""
ENDS = """
def actor():
    (folder / 'actor.listens').touch()
    wait_for_the_others()
    sys.exit({code})
learner = stay
"""


@pytest.fixture
def run(tmp_path, monkeypatch, capfd):
    """Runs the roles of a behaviour; returns the launcher's exit code and its lines."""

    def run(behaviour):
        program = tmp_path / "program"
        program.write_text(PROGRAM.format(
            python=sys.executable, folder=str(tmp_path), behaviour=behaviour))
        program.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(program))
        code = Launcher([]).run()
        lines = capfd.readouterr().err.splitlines()
        return code, [line for line in lines if line.startswith("dreamer_tf local: ")]

    monkeypatch.setattr(launcher, "END_SECONDS", {**launcher.END_SECONDS, "replay": 5.0})
    return run


@pytest.mark.parametrize("behaviour, code", [
    ("", 0), (STILL_STARTING, 0), (TERMINATED, 143)], ids=["finished", "starting", "stopped"])
def test_roles_that_end_well_change_no_exit_code(run, behaviour, code):
    assert run(behaviour) == (code, [])


@pytest.mark.parametrize("last", ["", TERMINATED], ids=["finished", "stopped"])
@pytest.mark.parametrize("behaviour, code, line", [
    (CANNOT_SAVE, 1, "the replay failed at its end (exit code 1)"),
    (CANNOT_EVALUATE, 3, "the evaluator failed at its end (exit code 3)"),
    (DIES, 1, "the replay failed at its end (SIGSEGV)"),
    (HANGS, 1, "the replay does not end; killing it"),
], ids=["cannot save", "cannot evaluate", "dies", "hangs"])
def test_a_role_that_fails_at_its_end_is_told_and_makes_the_exit_code(
    run, behaviour, code, line, last
):
    assert run(behaviour + "\n" + last) == (code, ["dreamer_tf local: " + line])


@pytest.mark.parametrize("code, what", [(143, "was stopped"), (130, "was stopped"), (2, "gave up")])
def test_who_was_stopped_has_not_given_up(run, code, what):
    line = f"dreamer_tf local: the actor {what} (exit code {code}); ending the others"
    assert run(ENDS.format(code=code)) == (code, [line])


def test_a_last_save_that_fails_counts_after_a_stop_at_the_console_too(run):
    code, lines = run(ENDS.format(code=143) + CANNOT_SAVE)
    assert code == 1
    assert [line.split(": ", 1)[1] for line in lines] == [
        "the actor was stopped (exit code 143); ending the others",
        "the replay failed at its end (exit code 1)",
    ]


def test_the_code_of_who_gave_up_first_stays(run):
    code, lines = run(ENDS.format(code=2) + CANNOT_SAVE)
    assert code == 2 and "the actor gave up (exit code 2)" in lines[0]
    assert len(lines) == 2 and "the replay failed at its end (exit code 1)" in lines[1]
