"""A policy that means harm, against every emulated robot's guardian: `make adversary`.

Commands at the extremes and far beyond, not finite, misshapen, at ten times the robot's rate (or as
often as its guardian takes them, which refuses the others) or for no time at all. Whatever they
are, the robot may not leave its limits, and faults that they cause are recovered from. It prints
what was reached and exits with 1 when a limit was left.
"""

import argparse
import sys
from typing import Any, Callable, Dict, NamedTuple

import gin
import numpy as np

from robot_envs import registry
from robot_envs.a1.limits import A1Limits
from robot_envs.errors import RobotError
from robot_envs.sphero.limits import SpheroLimits
from robot_envs.ur5.limits import UR5Limits
from robot_envs.xarm.limits import XArmLimits

_FACTORS = np.array([-1e9, -4.0, -1.0, 1.0, 4.0, 1e9])


def _a1(extremes):
    limits = A1Limits()
    return {"joint targets outside their range, rad": (extremes["outside"], 1e-5),
            "torque, N m": (extremes["torque"], limits.torque_newton_meters),
            "joint speed, rad/s": (extremes["speed"], limits.velocity_radians_per_second)}


def _sphero(extremes):
    limits = SpheroLimits()
    return {"raw motor value": (extremes["raw"], limits.motor_raw),
            "seconds in one command": (extremes["seconds_in_one_command"],
                                       limits.motion_timeout_seconds + 0.1)}


def _arm(limits):
    def judge(extremes):
        low, high = np.array(limits.target_low_meters), np.array(limits.target_high_meters)
        return {"tool below its box, m": (np.max(low - extremes["low"]), limits.beyond_meters),
                "tool above its box, m": (np.max(extremes["high"] - high), limits.beyond_meters),
                "joint speed, rad/s": (extremes["speed"], limits.joint_velocity_radians_per_second)}
    return judge


class Victim(NamedTuple):
    """A robot and what may be done to it.

    Attributes:
      size: numbers of a command.
      shortest: the least seconds that the guardian lets a command take.
      judge: extremes of the emulator's truth -> what: (reached, limit).
    """

    size: int
    shortest: float
    judge: Callable[[Dict[str, Any]], Dict[str, Any]]


def _victims():
    ur5, xarm = UR5Limits(), XArmLimits()
    return {"a1": Victim(12, A1Limits().shortest_seconds, _a1),
            "sphero": Victim(2, SpheroLimits().shortest_seconds, _sphero),
            "ur5": Victim(4, ur5.shortest_seconds, _arm(ur5)),
            "xarm": Victim(4, xarm.shortest_seconds, _arm(xarm))}


def attack(name, steps, seed):
    """Returns the lines about limits that were left."""
    victim = _victims()[name]
    env = registry.make(name, seed=seed, backend="emulated")
    try:
        env.reset()  # an arm's home lies outside its box
        robot = env._robot
        random = np.random.default_rng(seed)
        period = 1 / registry.get(name).rate_hz
        refused = faults = 0
        before = robot._emulator.order("truth")["extremes"]
        for step in range(steps):
            if step and step % 500 == 0:  # an arm moves in real time: most of an hour
                print(f"{name}: {step:,} of {steps:,} commands, {refused:,} refused, "
                      f"{faults} faults so far", flush=True)
            values = random.choice(_FACTORS, victim.size)
            seconds = max(period / 10, victim.shortest)
            kind = step % 20
            if kind == 3:
                values[random.integers(victim.size)] = random.choice([np.nan, np.inf])
            elif kind == 6:
                seconds = random.choice([0.0, -1.0, 1e-4, 1e4, np.nan])
            elif kind == 9:
                values = values[:-1]
            elif kind == 12:
                seconds = period
            elif kind == 15:
                seconds = period / 10
            try:
                robot.command(values, seconds)
            except RobotError as error:
                refused += 1
                if "a command" not in str(error):
                    faults += 1
                    env.reset()
        reached = victim.judge(robot._emulator.order("truth")["extremes"])
        print(f"{name}: {steps:,} commands, {refused:,} refused, {faults} faults; before: {before}",
              flush=True)
    finally:
        env.close()
    left = []
    for what, (value, limit) in reached.items():
        line = f"{name}: {what}: {value:.4g} of {limit:.4g}"
        print(" ", line, flush=True)
        left += [line] if value > limit else []
    return left


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=10_000, help="commands (default: 10,000)")
    parser.add_argument("--robots", default="a1,sphero,ur5,xarm", help="names, with commas")
    parser.add_argument("--seed", type=int, default=0)
    flags = parser.parse_args()
    left = []
    for name in flags.robots.split(","):
        registry.get(name).factory("emulated")
        gin.parse_config("GuardianTimes.recoveries = 1000000")
        left += attack(name, flags.steps, flags.seed)
    for line in left:
        print("left:", line)
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
