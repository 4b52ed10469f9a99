"""Drives an emulated Sphero until it is ended; a test starts it: address, port."""

import sys

import numpy as np

from robot_envs.cameras.camera_settings import CameraSettings
from robot_envs.sphero.connection import SpheroConnection
from robot_envs.sphero.hardware import SpheroHardware
from robot_envs.sphero.limits import SpheroLimits


def main(address, port):
    """Prints the guardian's number, then turns for ever."""
    robot = SpheroHardware(
        connection=SpheroConnection(emulator=f'{address}:{port}'),
        camera=CameraSettings(kind='remote', address=address, port=int(port), stale_seconds=2.0),
        limits=SpheroLimits(link_seconds=3.0))
    try:
        robot.connect()
        print(robot._guardian.pid, flush=True)
        while True:
            robot.command(np.array([0.3, -0.3]), 0.5)
    finally:
        robot.close()


if __name__ == '__main__':
    main(*sys.argv[1:])
