"""Every fault of every emulated robot at random moments: `make faults`.

Each robot collects as in training: the real client library, guardian, environment and collector.
At a random moment of a step a fault is ordered. Then the robot must come to its safe state in time,
the fault must have the right class, those for a program must be recovered from (the collector goes
on by itself), those for a person must be refused, and nothing stale may be written. It prints a
line for each fault and exits with 1 on any miss.
"""

import argparse
import sys
import threading
import time
from typing import Any, Callable, Dict, NamedTuple, Tuple

import gin
import numpy as np

from dreamer_tf.collector import Collector, random_action
from dreamer_tf.replay.step_spec import num_discrete_actions
from robot_envs import registry
from robot_envs.environment_info import info_of
from robot_envs.errors import RobotError, RobotFault

PATIENCE_SECONDS = 40.0
CYCLE_SECONDS = 0.02  # a guardian judges the age once a cycle, some milliseconds apart


class Case(NamedTuple):
    """A fault.

    Attributes:
      order: to the emulator.
      within: seconds from the order to the safe state: until it can be noticed (the limits of the
        emulated backend, a controller's watchdog, the Ollie's battery every 5 s), and a period.
      person: whether only a person may go on.
    """

    order: str
    within: float
    person: bool = False

    @property
    def under_way(self):
        """Seconds for which commands from before the fault may still arrive."""
        name, value = self.order.split()
        return float(value) + 0.3 if name == "latency" else 0.0


class Robot(NamedTuple):
    """A robot of the matrix.

    Attributes:
      is_safe: whether it is in its safe state, from the emulator's truth.
      since: what of the truth says since when.
      age: the most that an observation's age may be, in seconds.
      cases: its faults.
    """

    is_safe: Callable[[Dict[str, Any]], bool]
    since: str
    age: float
    cases: Tuple[Case, ...]


def _is_not_driven(truth):
    return not truth["servo"]


_ARM = (Case("latency 1.5", 3.0), Case("disconnect 1", 1.5), Case("hang_up 1", 1.5),
        Case("emergency_stop 1", 0.5, person=True))
ROBOTS: Dict[str, Robot] = {
    "a1": Robot(_is_not_driven, "damped_since", 0.25, (
        Case("temperature 90", 0.05, person=True), Case("frozen 1", 0.3), Case("crc 1", 0.3),
        Case("lost 1", 0.3), Case("disconnect 1", 0.3), Case("latency 0.5", 0.8))),
    "sphero": Robot(lambda truth: truth["motors"] == [0, 0], "off_since", 1.0, (
        Case("frozen_camera 1", 1.5), Case("battery 1", 6.0, person=True),
        Case("disconnect 1", 2.5), Case("latency 0.8", 3.3), Case("lost 1", 2.5),
        Case("crc 1", 2.5), Case("frozen 1", 2.5))),
    "ur5": Robot(_is_not_driven, "stopped_since", 1.0, (
        Case("protective_stop 1", 0.5), Case("safety_fault 1", 0.5), Case("frozen 1", 1.0),
        Case("frozen_camera 1", 1.5), *_ARM)),
    "xarm": Robot(_is_not_driven, "stopped_since", 1.0, (
        Case("error 31", 0.5), Case("error 23", 0.5), Case("frozen_camera 1", 2.7), *_ARM)),
}


class _RandomPolicy:
    def __init__(self, spec, random):
        self._spec, self._random = spec, random

    def action(self, time_step):
        return random_action(self._spec, int(self._random.integers(2**31)))


class Matrix:
    """One robot and its faults.

    Attributes:
      misses: lines about what was not as it must be.
      written: steps that went to the replay.
    """

    def __init__(self, name, seed, late_seconds):
        self._name, self._robot, self._late = name, ROBOTS[name], late_seconds
        self._random = np.random.default_rng(seed)
        self._period = 1 / registry.get(name).rate_hz
        self._env = None
        self._noted = []
        self.misses = []
        self.written = 0
        self._open()

    def close(self):
        self._env.close()

    def trial(self, case):
        """Returns the seconds from the order to the safe state, and those to go on again."""
        for _ in range(int(self._random.integers(2, 5))):
            self._collector.step()
        self._noted.clear()
        timer = threading.Timer(self._random.uniform(0, self._period), self._begin, [case.order])
        timer.start()
        person = self._until_a_fault()
        timer.join()
        if person != case.person:
            self._miss(case, f"it was for {'a person' if person else 'a program'}")
        safe = self._until_safe(case)
        self._emulator.order("clear")
        began = time.monotonic()
        if case.person:
            self._must_stay(case)
            self._env.close()
            self._open()
        else:
            self._must_go_on(case)
        return safe, time.monotonic() - began

    def _open(self):
        self._env = registry.make(self._name, seed=int(self._random.integers(1000)),
                                  backend="emulated")
        self._emulator = self._env._robot._emulator
        spec = self._env.action_spec()
        self._collector = Collector(
            self._env, _RandomPolicy(spec, self._random), self._write, prefill_steps=0, seed=0,
            num_discrete_actions=num_discrete_actions(spec), warn=self._noted.append)

    def _write(self, step):
        self.written += 1
        age = info_of(self._env).get("observation_age_seconds", 0.0)
        if not age <= self._robot.age + CYCLE_SECONDS:
            self.misses.append(f"{self._name}: an observation of {age:.2f} s was written")

    def _begin(self, order):
        self._ordered = self._emulator.order(order)["time"]

    def _until_a_fault(self):
        """Collects until a fault is told; returns whether it is for a person."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            try:
                self._collector.step()
            except RobotFault as fault:
                return fault.person
            if self._noted:
                return False
        raise SystemExit(f"{self._name}: a fault was not noticed in {PATIENCE_SECONDS} s")

    def _until_safe(self, case):
        end = time.monotonic() + PATIENCE_SECONDS
        truth = self._emulator.order("truth")
        while not self._robot.is_safe(truth):
            if time.monotonic() > end:
                self._miss(case, "it never was in its safe state")
                return float("inf")
            time.sleep(0.02)
            truth = self._emulator.order("truth")
        # Commands that a sudden latency holds up arrive later, and nobody can call them back.
        time.sleep(case.under_way)
        truth = self._emulator.order("truth")
        for _ in range(5):
            if not self._robot.is_safe(self._emulator.order("truth")):
                self._miss(case, "it left its safe state")
            time.sleep(0.05)
        seconds = max(0.0, truth[self._robot.since] - self._ordered)
        if seconds > case.within + self._late:
            self._miss(case, f"safe after {seconds:.2f} s only")
        return seconds

    def _must_stay(self, case):
        try:
            self._env.reset()
        except RobotError:
            return
        self._miss(case, "a program could go on")

    def _must_go_on(self, case):
        written, end = self.written, time.monotonic() + PATIENCE_SECONDS
        while self.written < written + 2:
            if time.monotonic() > end:
                self._miss(case, f"it did not go on: {self._noted[-1]}")
                self._env.close()
                self._open()
                return
            try:
                self._collector.step()
            except RobotError as error:
                self._miss(case, f"it did not go on: {error}")
                self._env.close()
                self._open()
                return

    def _miss(self, case, text):
        self.misses.append(f"{self._name}, {case.order}: {text}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=25, help="of each fault (default: 25)")
    parser.add_argument("--robots", default=",".join(ROBOTS), help="names, with commas")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--late_seconds", type=float, default=0.5,
                        help="what a busy machine may add (default: 0.5)")
    flags = parser.parse_args()
    misses = []
    for name in flags.robots.split(","):
        registry.get(name).factory("emulated")
        gin.parse_config("GuardianTimes.recoveries = 1000000")
        matrix = Matrix(name, flags.seed, flags.late_seconds)
        try:
            for case in ROBOTS[name].cases:
                found = np.array([matrix.trial(case) for _ in range(flags.times)])
                safe = " ".join(f"{1e3 * x:.0f}" for x in np.percentile(found[:, 0], (50, 100)))
                on = "a person" if case.person else "{:.1f} {:.1f} s".format(
                    *np.percentile(found[:, 1], (50, 100)))
                print(f"{name:<7}{case.order:<18} x{flags.times}: safe after {safe} ms (median, "
                      f"largest; {1e3 * case.within:.0f} wanted), went on: {on}", flush=True)
        finally:
            matrix.close()
        print(f"{name:<7}{matrix.written:,} steps written, {len(matrix.misses)} misses", flush=True)
        misses += matrix.misses
    for line in misses:
        print("miss:", line)
    return 1 if misses else 0


if __name__ == "__main__":
    sys.exit(main())
