"""Signals, and counting now and then."""
import os
import pathlib
import signal
import subprocess
import sys
import textwrap

import pytest

from dreamer_tf.every import Every
from dreamer_tf.stop_signal import StopSignal

ROOT = pathlib.Path(__file__).absolute().parents[2]


@pytest.mark.parametrize('number, code', [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_first_signal_is_remembered_and_the_second_raises(number, code):
    before = signal.getsignal(number)
    with StopSignal() as stop:
        assert not stop and stop.exit_code == 0
        os.kill(os.getpid(), number)
        assert stop and stop.exit_code == code
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
    assert signal.getsignal(number) is before


@pytest.mark.parametrize('number, code', [(None, 143), (signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_who_asks_in_this_process_never_makes_it_leave_at_once(number, code):
    with StopSignal() as stop:
        if number is not None:
            os.kill(os.getpid(), number)
        for _ in range(2):
            stop.ask()
        assert stop and stop.exit_code == code
        if number is None:
            os.kill(os.getpid(), signal.SIGTERM)  # the first signal: a launcher's, say
            assert stop.exit_code == code
        with pytest.raises(KeyboardInterrupt):  # as a person's second Ctrl-C still does
            os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_after_who_asked_saves_and_only_the_second_leaves(number, capfd):
    with StopSignal() as stop:
        stop.ask()
        os.kill(os.getpid(), number)
        stop.ask()
        assert stop and stop.exit_code == 143
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
    lines = [line for line in capfd.readouterr().err.splitlines() if line]
    assert ['Ctrl-C twice leaves' in line for line in lines] == [True, False]
    assert ['once more leaves' in line for line in lines] == [False, True]


def test_a_signal_in_the_middle_of_a_message_does_no_harm():
    """A buffered stream refuses to be written to while it is being written to."""
    program = textwrap.dedent('''
        import io, os, signal, sys
        from dreamer_tf.stop_signal import StopSignal

        class Interrupted(io.FileIO):
            """Where stderr goes: a signal arrives in the middle of a write."""
            def write(self, data):
                if not stop:
                    os.kill(os.getpid(), signal.SIGTERM)
                return super().write(data)

        with StopSignal() as stop:
            sys.stderr = io.TextIOWrapper(io.BufferedWriter(Interrupted(2, 'w', closefd=False)))
            sys.stderr.write('a message')
            sys.stderr.flush()
            sys.exit(stop.exit_code)
    ''')
    done = subprocess.run([sys.executable, '-c', program], cwd=ROOT, stderr=subprocess.PIPE,
                          text=True, timeout=60)
    assert 'a message' in done.stderr and 'stopping after this step' in done.stderr
    assert done.returncode == 143, done.stderr


def test_every_is_true_once_for_each_multiple():
    every = Every(10)
    assert [count for count in range(35) if every(count)] == [10, 20, 30]


def test_every_may_jump_over_a_multiple_and_starts_where_it_is_told():
    every = Every(10, start=25)
    assert [every(count) for count in (26, 29, 43, 44, 50)] == [False, False, True, False, True]
    assert not any(Every(0)(count) for count in range(100))
