"""Drives an emulated arm until it is ended; a test starts it: robot, address, camera port."""

import signal
import sys

from arm_hardware import ARMS, go_to_and_fro, make_for


def main(name, address, camera_port):
    """Prints the guardian's number, then moves for ever."""
    robot = make_for(name, address, int(camera_port))
    try:
        robot.connect()
        print(robot._guardian.pid, flush=True)
        while True:
            go_to_and_fro(robot, ARMS[name].model)
    finally:
        robot.close()


if __name__ == '__main__':
    # Whoever was started in the background of a shell ignores Ctrl-C, and so do its children.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    main(*sys.argv[1:])
