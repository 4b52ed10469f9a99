"""Drives an emulated A1 until it is ended; a test starts it: address, port."""

import sys

from robot_envs.a1 import constants
from robot_envs.a1.connection import A1Connection
from robot_envs.a1.hardware import A1Hardware
from robot_envs.a1.limits import A1Limits


def main(address, port):
    """Prints the guardian's number, then moves for ever."""
    robot = A1Hardware(
        connection=A1Connection(address=address, port=int(port), local_port=0),
        limits=A1Limits(stale_seconds=1.0))
    try:
        robot.connect()
        print(robot._guardian.pid, flush=True)
        while True:
            robot.command(constants.STANDING_RADIANS, 1 / constants.RATE_HZ)
    finally:
        robot.close()


if __name__ == '__main__':
    main(*sys.argv[1:])
