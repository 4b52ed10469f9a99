"""A person pauses, resumes and stops a real run; its replay ends the sequence properly."""

import contextlib
import json
import subprocess
import sys
import threading
import time

import pytest

from dreamer_tf.console.console_client import ConsoleClient
from dreamer_tf.errors import UserError

pytestmark = pytest.mark.slow


@pytest.fixture
def run(tmp_path):
    logdir = tmp_path / "run"
    process = subprocess.Popen(
        [sys.executable, "-m", "dreamer_tf.train", "--robot=a1", f"--logdir={logdir}",
         "--gin_file=debug", "--env_steps=100000"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    text = []
    threading.Thread(target=lambda: text.extend(process.stdout), daemon=True).start()
    yield logdir, process, text
    if process.poll() is None:
        process.kill()


def _client(logdir, process):
    end = time.monotonic() + 200
    while not (logdir / "console.sock").exists():
        assert time.monotonic() < end and process.poll() is None
        time.sleep(0.1)
    return ConsoleClient(logdir)


def _until(client, wanted, seconds=200):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        status = client.do("status")["status"]
        if wanted(status):
            return status
        time.sleep(0.05)
    raise AssertionError(status)


def test_pause_resume_stop(run):
    logdir, process, text = run
    client = _client(logdir, process)
    _until(client, lambda status: status.get("episode_step", 0) >= 2)
    client.do("pause")
    paused = _until(client, lambda status: status["state"] == "paused")
    assert client.do("pause")["did"] == "paused"
    assert "a reset would move it" in client.do("reset")["error"]
    time.sleep(0.5)
    assert client.do("status")["status"]["env_steps"] == paused["env_steps"]
    client.do("mark", "looked at it")
    client.do("resume")
    _until(client, lambda status: status["env_steps"] > paused["env_steps"] + 2)
    client.do("stop")
    with contextlib.suppress(UserError):  # it has ended already
        client.do("stop")
    client.close()
    assert process.wait(200) == 143, text
    assert any("stopped and saved" in line for line in text)
    assert not (logdir / "console.sock").exists()
    mark = json.loads((logdir / "marks.jsonl").read_text())
    assert (mark["text"], mark["env_steps"]) == ("looked at it", paused["env_steps"])
    first = (logdir / "curve.csv").read_text().splitlines()[1]
    assert int(first.split(",")[0]) == paused["env_steps"]  # the pause ended the first episode
