"""The guardian's process; `guardian_client.py` starts it: `python -m robot_envs.guardian ...`."""

from __future__ import annotations

import importlib
import json
import signal
import socket
import sys

from robot_envs.command_line import CommandLine
from robot_envs.errors import RobotError
from robot_envs.guardian.guardian import Guardian
from robot_envs.guardian.times import GuardianTimes
from robot_envs.process_priority import raise_priority

_FAREWELL_SECONDS = 5.0
_MESSAGE_BYTES = 65536


def main() -> int:
    """Guards until the client is gone; returns 1 when the robot's address cannot be used."""
    parser = CommandLine('guardian', prog='python -m robot_envs.guardian',
                         description='Guards a robot; its environment starts this.')
    parser.add_child_flags('client')
    flags = parser.parse_args()
    raise_priority()
    settings, client = flags.settings, flags.socket
    try:
        robot = importlib.import_module(flags.module).make_guarded(**settings['robot'])
    except (RobotError, OSError) as error:
        client.send(json.dumps({'id': None, 'error': str(error), 'state': 'ended'}).encode())
        _wait_until_read(client)
        return 1
    guardian = Guardian(robot, GuardianTimes(**settings['times']), client)
    # Ctrl-C is for the client, which ends the guardian when it has stopped.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: guardian.close())
    guardian.run()
    return 0


def _wait_until_read(client: socket.socket) -> None:
    """Returns when the client says farewell: to end with heartbeats unread would reset the
    connection, and the error before them would be lost."""
    client.settimeout(_FAREWELL_SECONDS)
    try:
        while True:
            data = client.recv(_MESSAGE_BYTES)
            if not data or json.loads(data)['do'] == 'close':
                return
    except OSError:
        return


if __name__ == '__main__':
    sys.exit(main())
