"""What an environment is told of a guardian that hangs."""

import dataclasses
import os
import signal
import time

import pytest

from robot_envs.a1.connection import A1Connection
from robot_envs.a1.limits import A1Limits
from robot_envs.errors import RobotError
from robot_envs.guardian import guardian_client
from robot_envs.guardian.guardian_client import GuardianClient
from robot_envs.guardian.times import GuardianTimes


def test_a_guardian_that_hangs_is_one_line_and_ends_when_it_can(monkeypatch):
    for name in ('_ANSWER_SECONDS', '_END_SECONDS', '_LAST_SECONDS'):
        monkeypatch.setattr(guardian_client, name, 0.2)
    connection = A1Connection(address='127.0.9.77')  # where no robot is
    client = GuardianClient(
        'robot_envs.a1.guarded_a1',
        {'connection': dataclasses.asdict(connection),
         'limits': dataclasses.asdict(A1Limits())}, GuardianTimes())
    assert client.ask('status')['state'] == 'waiting'
    os.kill(client.pid, signal.SIGSTOP)
    with pytest.raises(RobotError, match='the guardian does not answer'):
        client.ask('status')
    with pytest.raises(RobotError) as caught:
        client.close()
    line = str(caught.value)
    assert f'process {client.pid}) does not end' in line and 'safe state' in line
    assert f'kill -9 {client.pid}' in line and '\n' not in line
    client.close()  # harmless: nothing is asked again
    os.kill(client.pid, signal.SIGCONT)
    # It was told to end meanwhile, and does, by its own way through the safe state.
    deadline = time.monotonic() + 60
    while client._process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert client._process.returncode == 0
