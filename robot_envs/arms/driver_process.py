"""The process that talks to an arm; `driver_client.py` starts it."""

from __future__ import annotations

import importlib
import signal
import sys

from robot_envs.arms.driver_loop import DriverLoop
from robot_envs.command_line import CommandLine
from robot_envs.process_priority import raise_priority


def main() -> int:
    """Drives until the guardian is gone."""
    parser = CommandLine('driver_process', prog='python -m robot_envs.arms.driver_process',
                         description='Drives an arm; its guardian starts this.')
    parser.add_child_flags('guardian')
    flags = parser.parse_args()
    raise_priority()
    settings = flags.settings
    # Ctrl-C is for the environment, which ends the guardian, which ends this.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    driver = importlib.import_module(flags.module).make_driver(**settings['driver'])
    DriverLoop(driver, flags.socket, **settings['loop']).run()
    return 0


if __name__ == '__main__':
    sys.exit(main())
