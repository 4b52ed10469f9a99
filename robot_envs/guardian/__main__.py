"""The guardian's process; `guardian_client.py` starts it: `python -m robot_envs.guardian ...`."""

from __future__ import annotations

import argparse
import importlib
import json
import signal
import socket
import sys

from robot_envs.errors import RobotError
from robot_envs.guardian.guardian import Guardian
from robot_envs.guardian.times import GuardianTimes


def main() -> int:
    """Guards until the client is gone; returns 1 when the robot's address cannot be used."""
    parser = argparse.ArgumentParser(prog='python -m robot_envs.guardian')
    parser.add_argument('--module', required=True, help='has make_guarded(**settings)')
    parser.add_argument('--fd', type=int, required=True, help="the client's socket")
    parser.add_argument('--settings', required=True, help='JSON: times, robot')
    flags = parser.parse_args()
    settings = json.loads(flags.settings)
    client = socket.socket(fileno=flags.fd)
    try:
        robot = importlib.import_module(flags.module).make_guarded(**settings['robot'])
    except (RobotError, OSError) as error:
        client.send(json.dumps({'id': None, 'error': str(error), 'state': 'ended'}).encode())
        return 1
    guardian = Guardian(robot, GuardianTimes(**settings['times']), client)
    # Ctrl-C is for the client, which ends the guardian when it has stopped.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: guardian.close())
    guardian.run()
    return 0


if __name__ == '__main__':
    sys.exit(main())
