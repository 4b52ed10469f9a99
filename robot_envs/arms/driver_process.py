"""The process that talks to an arm; `driver_client.py` starts it."""

from __future__ import annotations

import argparse
import importlib
import json
import signal
import socket
import sys

from robot_envs.arms.driver_loop import DriverLoop


def main() -> int:
    """Drives until the guardian is gone."""
    parser = argparse.ArgumentParser(prog='python -m robot_envs.arms.driver_process')
    parser.add_argument('--module', required=True, help='has make_driver(**settings)')
    parser.add_argument('--fd', type=int, required=True, help="the guardian's socket")
    parser.add_argument('--settings', required=True, help='JSON: driver, loop')
    flags = parser.parse_args()
    settings = json.loads(flags.settings)
    # Ctrl-C is for the environment, which ends the guardian, which ends this.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    driver = importlib.import_module(flags.module).make_driver(**settings['driver'])
    DriverLoop(driver, socket.socket(fileno=flags.fd), **settings['loop']).run()
    return 0


if __name__ == '__main__':
    sys.exit(main())
