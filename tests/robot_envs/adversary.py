"""A policy that means harm, against every emulated robot's guardian: `make adversary`.

Commands at the extremes and far beyond, not finite, misshapen, or for no time at all; one after the
other, and at ten times the robot's rate, while others are under way. Whatever they are, the robot
may not leave its limits, and faults that they cause are recovered from. It prints what was reached
and exits with 1 when a limit was left.
"""

import argparse
import json
import sys
import threading
import time
from typing import Any, Callable, Dict, NamedTuple

import gin
import numpy as np

from robot_envs import registry
from robot_envs.a1.limits import A1Limits
from robot_envs.errors import RobotError
from robot_envs.sphero.limits import SpheroLimits
from robot_envs.ur5.limits import UR5Limits
from robot_envs.xarm.limits import XArmLimits

_REPORT_EVERY = 500
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


class Attack:
    """Harmful commands for a robot's guardian, by turns and by a thread at ten times its rate."""

    def __init__(self, robot, victim, rate_hz, seed):
        """Does nothing yet; `robot` is connected."""
        self.count, self.waited, self.refused, self.faults = 0, 0, 0, 0
        self._robot, self._victim = robot, victim
        self._period = 1 / rate_hz
        self._seed = seed
        self._random = np.random.default_rng(seed)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._hammer, daemon=True)

    def start(self):
        """Begins with commands that come while others are under way; an arm's takes seconds."""
        self._thread.start()

    def turn(self, kind):
        """Gives one command and waits for its end; True asks for a reset."""
        self.count += 1
        self.waited += 1
        values, seconds = self._harm(self._random, kind)
        try:
            self._robot.command(values, seconds)
        except RobotError as error:
            self.refused += 1
            if "a command" not in str(error):
                self.faults += 1
                return True
            time.sleep(self._period / 10)
        return False

    def report(self, name):
        """Returns a line about what was done."""
        return (f"{name}: {self.count:,} commands, {self.waited:,} of them waited for, of these "
                f"{self.refused:,} refused, {self.faults} faults")

    def end(self):
        """Ends the thread."""
        self._over.set()
        self._thread.join()

    def _harm(self, random, kind):
        values = random.choice(_FACTORS, self._victim.size)
        seconds = max(self._period / 10, self._victim.shortest)
        if kind == 3:
            values[random.integers(self._victim.size)] = random.choice([np.nan, np.inf])
        elif kind == 6:
            seconds = random.choice([0.0, -1.0, 1e-4, 1e4, np.nan])
        elif kind == 9:
            values = values[:-1]
        elif kind == 12:
            seconds = self._period
        elif kind == 15:
            seconds = self._period / 10
        return values, seconds

    def _hammer(self):
        """Sends past `GuardianClient`, which would wait for an answer; it skips these."""
        random = np.random.default_rng(self._seed + 1)
        while not self._over.wait(self._period / 10):
            self.count += 1
            values, seconds = self._harm(random, random.integers(20))
            message = {"do": "command", "id": -self.count, "seconds": float(seconds),
                       "values": values.tolist()}
            self._robot._guardian._socket.send(json.dumps(message).encode())


def attack(name, steps, seed):
    """Returns the lines about limits that were left."""
    victim = _victims()[name]
    env = registry.make(name, seed=seed, backend="emulated")
    left = []
    try:
        env.reset()  # an arm's home lies outside its box
        robot = env._robot
        print(f"{name}: before: {robot._emulator.order('truth')['extremes']}", flush=True)
        attack = Attack(robot, victim, registry.get(name).rate_hz, seed)
        attack.start()
        try:
            _fight(name, env, attack, steps)
        except RobotError as error:
            left.append(f"{name}: {error}")
        attack.end()
        counts = {key[9:]: int(value) for key, value in robot.account().items()
                  if key.startswith("guardian_")}
        print(f"{attack.report(name)}; {counts}", flush=True)
        truth = robot._emulator.order("truth")
    finally:
        env.close()
    for what, (value, limit) in victim.judge(truth["extremes"]).items():
        line = f"{name}: {what}: {value:.4g} of {limit:.4g}"
        print(" ", line, flush=True)
        left += [line] if value > limit else []
    return left


def _fight(name, env, attack, steps):
    turns, next_report = 0, _REPORT_EVERY
    while attack.count < steps:
        turns += 1
        if attack.turn(turns % 20):
            env.reset()  # raises what only a person may end
        if attack.count >= next_report:
            next_report += _REPORT_EVERY
            print(f"{attack.report(name)} so far", flush=True)


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
