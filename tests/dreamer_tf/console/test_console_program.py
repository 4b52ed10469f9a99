"""The console as a person uses it: by keys at a terminal, by words from a pipe."""

import os
import pty
import stat
import subprocess
import sys
import threading

import pytest

from dreamer_tf.console.console_client import ConsoleClient
from dreamer_tf.console.console_server import SOCKET, ConsoleServer
from dreamer_tf.console.operator import Operator
from dreamer_tf.errors import UserError
from dreamer_tf.stop_signal import StopSignal


@pytest.fixture
def folder(tmp_path):
    """Longer than the name of a socket may be."""
    folder = tmp_path / ("long" * 40)
    folder.mkdir()
    return folder


@pytest.fixture
def stopped():
    return threading.Event()


@pytest.fixture
def operator(folder, stopped):
    operator = Operator(folder / "marks.jsonl", stop=stopped.set)
    operator.report(doing="episode", env_steps=1234, episode_step=7, reward=0.25,
                    policy={"weights_version": 12}, robot={"guardian_faults": 0})
    operator.step_begins()
    return operator


@pytest.fixture
def server(folder, operator):
    server = ConsoleServer(folder, operator)
    yield server
    server.close()


def _console(folder, **keywords):
    command = [sys.executable, "-m", "dreamer_tf.console", f"--logdir={folder}"]
    return subprocess.Popen(command, **keywords)


def _pipe(folder, words):
    process = _console(folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, text=True)
    out, err = process.communicate(words, timeout=60)
    return process.returncode, out, err


def test_words_from_a_pipe(folder, operator, server):
    code, out, err = _pipe(folder, "pause\nmark it fell over\njump\n")
    assert code == 1
    assert "pause: pausing" in out and "step 1,234" in out and "weights version 12" in out
    assert err.strip() == ("dreamer_tf: error: unknown word 'jump'; there are: status, pause, "
                           "resume, reset, mark, stop")
    assert operator.wants_end
    assert "it fell over" in (folder / "marks.jsonl").read_text()


def test_keys_at_a_terminal(folder, operator, server, stopped):
    master, slave = pty.openpty()
    process = _console(folder, stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    seen = _until(master, "q leave")
    assert "ACTING" in seen and "guardian faults 0" in seen
    os.write(master, b"p")
    _until(master, "PAUSING")
    assert operator.wants_end
    os.write(master, b"r")
    _until(master, "ACTING")
    assert not operator.wants_end
    os.write(master, b"m")
    _until(master, "mark: ")
    os.write(master, b"here\n")
    _until(master, "marked step 1234")
    os.write(master, b"s")
    assert stopped.wait(30)
    os.write(master, b"q")
    assert process.wait(timeout=30) == 0
    os.close(master)


def _until(master, text):
    seen = ""
    while text not in seen:
        data = os.read(master, 65536)
        assert data, seen
        seen += data.decode(errors="replace")
    return seen


def test_stop_from_two_consoles_asks_the_program_once(folder):
    """A signal for each would be a second Ctrl-C, which saves nothing."""
    with StopSignal() as stop:
        server = ConsoleServer(folder, Operator(folder / "marks.jsonl", stop=stop.ask))
        for _ in range(2):
            code, out, err = _pipe(folder, "stop\nstop\n")
            assert code == 0 and out.count("stop: stopping") == 2, err
        assert stop.exit_code == 143
        server.close()


def test_a_reset_of_a_paused_robot_is_refused_in_one_line(folder, operator, server):
    operator.episode_ended()
    code, out, err = _pipe(folder, "pause\npause\nreset\n")
    assert code == 1 and out.count("pause: paused") == 2
    assert err.strip() == ("dreamer_tf: error: the robot is paused, a reset would move it: resume "
                           "resets it too")
    assert operator.is_paused


def test_nobody_there(folder):
    code, out, err = _pipe(folder, "status\n")
    assert code == 1 and "Traceback" not in err
    assert err.startswith("dreamer_tf: error: no running program moves a robot in")


def test_the_program_ends_while_a_console_is_there(folder, operator):
    server = ConsoleServer(folder, operator)
    client = ConsoleClient(folder)
    assert client.do("status")["status"]["env_steps"] == 1234
    server.close()
    assert not (folder / SOCKET).exists()
    with pytest.raises(UserError, match="no running program"):
        ConsoleClient(folder)
    client.close()


def test_an_old_socket_is_replaced_and_only_its_owner_may_use_it(folder, operator, server):
    again = ConsoleServer(folder, operator)
    assert stat.S_IMODE((folder / SOCKET).stat().st_mode) == 0o600
    client = ConsoleClient(folder)
    assert client.do("pause")["did"] == "pausing"
    client.close()
    again.close()


def test_what_is_no_message_gets_an_answer(folder, operator, server):
    client = ConsoleClient(folder)
    client._socket.sendall(b"pause\n[1]\n")
    for _ in range(2):
        assert '"error": null' not in client._lines.readline()
    assert not operator.wants_end
    client.close()
