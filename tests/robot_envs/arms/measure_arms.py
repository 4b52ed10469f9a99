"""Measures an emulated arm, for docs/real_robots.md: PYTHONPATH=. python <this> ur5 [times]."""

import sys
import time

import numpy as np
from arm_hardware import ARMS, go_to_and_fro, make, stands, truth, wait_until

from robot_envs.errors import RobotError
from robot_envs.guardian.times import GuardianTimes


def main(name, times='4'):
    """Prints times of steps, then those from each fault's order to the controller's stop."""
    model = ARMS[name].model
    robot = make(name, times=GuardianTimes(recoveries=1000))
    robot.connect()
    steps, ages, reads = [], [], []
    for _ in range(60):
        began = time.monotonic()
        go_to_and_fro(robot, model, seconds=1 / model.rate_hz)
        done = time.monotonic()
        robot.read()
        reads.append(time.monotonic() - done)
        steps.append(done - began)
        ages.append(robot.account()['observation_age_seconds'])
        time.sleep(0.01)
    for what, seconds in (('step', steps), ('read', reads), ('age', ages)):
        print(what, *(f'{1e3 * np.percentile(seconds, q):.0f}' for q in (50, 99)), 'ms', flush=True)
    print(robot.account(), flush=True)
    for order, _, person in [*ARMS[name].orders, ('frozen_camera 1', '', False)]:
        if not person:
            seconds = [_fault(robot, model, order) for _ in range(int(times))]
            print(order, np.round(1e3 * np.sort(seconds)).astype(int), 'ms', flush=True)
    print(robot.account(), flush=True)
    robot.close()


def _fault(robot, model, order):
    """Returns the seconds until the controller stopped the arm by itself or was told to."""
    go_to_and_fro(robot, model)
    began = robot._emulator.order(order)['time']
    try:
        while True:
            go_to_and_fro(robot, model)
            robot.read()
    except RobotError:
        pass
    wait_until(lambda: stands(robot))
    stopped = truth(robot)['stopped_since'] - began
    robot._emulator.order('clear')
    time.sleep(3.5 if 'latency' in order else 0.5)
    robot.connect()
    return stopped


if __name__ == '__main__':
    main(*sys.argv[1:])
