"""Drives an emulated arm until it is ended; a test starts it: robot, address, camera port."""

import dataclasses
import signal
import sys

from arm_hardware import ARMS, TIMES, go_to_and_fro

from robot_envs.arms.hardware import ArmHardware
from robot_envs.cameras.camera_settings import CameraSettings


def main(name, address, camera_port):
    """Prints the guardian's number, then moves for ever."""
    arm = ARMS[name]
    robot = ArmHardware(
        arm.parts, connection=dataclasses.replace(
            arm.connection(), address=address, **arm.parts.emulated),
        limits=dataclasses.replace(arm.limits(), stale_seconds=0.5, silent_seconds=2.0),
        camera=CameraSettings(kind='remote', address=address, port=int(camera_port),
                              stale_seconds=1.0), times=TIMES)
    try:
        robot.connect()
        print(robot._guardian.pid, flush=True)
        while True:
            go_to_and_fro(robot, arm.model)
    finally:
        robot.close()


if __name__ == '__main__':
    # Whoever was started in the background of a shell ignores Ctrl-C, and so do its children.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    main(*sys.argv[1:])
