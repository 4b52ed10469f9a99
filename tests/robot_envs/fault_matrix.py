"""Every fault of every emulated robot at random moments: `make faults`.

Each robot collects as in training: the real client library, guardian, environment and collector.
At a random moment of a step a fault is ordered. Then the robot must come to its safe state in time,
the fault must have the right class, those for a program must be recovered from (the collector goes
on by itself), those for a person must be refused, and nothing stale may be written. It prints a
line for each fault and exits with 1 on any miss.

With --limits=real the robots' own limits of lateness hold instead of those for emulators on a busy
machine: the times are then the robot's own, but they want free cores.
"""

import argparse
import sys
import threading
import time

import gin
import numpy as np
from fault_cases import ROBOTS, in_force

from dreamer_tf.collector import Collector, random_action
from dreamer_tf.replay.step_spec import num_discrete_actions
from robot_envs import registry
from robot_envs.environment_info import info_of
from robot_envs.errors import RobotError, RobotFault

PATIENCE_SECONDS = 40.0
CYCLE_SECONDS = 0.02  # a guardian judges the age once a cycle, some milliseconds apart


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
      unordered: faults that came before one was ordered: the machine was too busy for the limits.
      limits: in force.
    """

    def __init__(self, name, seed, late_seconds):
        self._name, self._robot, self._late = name, ROBOTS[name], late_seconds
        self._random = np.random.default_rng(seed)
        self._period = 1 / registry.get(name).rate_hz
        self._env = None
        self._noted = []
        self._is_ordered, self._ordered = False, 0.0
        self.misses = []
        self.written = self.unordered = 0
        self._open()
        self.limits = in_force(name, self._env._robot)

    def close(self):
        self._env.close()

    def trial(self, case):
        """Returns the seconds from the order to the safe state, and those to go on again."""
        person = None
        while person is None:
            self._collect(int(self._random.integers(2, 5)))
            moment = self._random.uniform(0, self._period)
            timer = threading.Timer(moment, self._begin, [case.order])
            timer.start()
            person = self._until_a_fault()
            if person is None:  # A fault of the busy machine's: try again.
                timer.cancel()
            timer.join()
            if person is None and self._is_ordered:  # Just then.
                person = self._until_a_fault()
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
        if not age <= self.limits.observation + CYCLE_SECONDS:
            self.misses.append(f"{self._name}: an observation of {age:.2f} s was written")

    def _begin(self, order):
        self._is_ordered = True
        self._ordered = self._emulator.order(order)["time"]

    def _collect(self, steps):
        """Makes steps without a fault."""
        self._is_ordered = False
        while steps:
            self._noted.clear()
            self._collector.step()
            self.unordered += bool(self._noted)
            steps -= not self._noted

    def _until_a_fault(self):
        """Collects until a fault is told; returns whether it is for a person.

        None when it came before one was ordered.
        """
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            try:
                self._collector.step()
            except RobotFault as fault:
                return fault.person
            if self._noted and self._is_ordered:
                return False
            if self._noted:
                self.unordered += 1
                self._noted.clear()
                return None
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
        if seconds > case.within(self.limits) + self._late:
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


def _line(name, case, found, limits):
    """What is printed of a fault's trials, (times, 2) seconds until safe and until it went on."""
    safe = " ".join(f"{1e3 * x:.0f}" for x in np.percentile(found[:, 0], (50, 100)))
    on = "a person" if case.person else "{:.1f} {:.1f} s".format(
        *np.percentile(found[:, 1], (50, 100)))
    short = limits.period + case.latency
    soon = np.count_nonzero(found[:, 0] <= short)
    return (f"{name:<7}{case.order:<18} x{len(found)}: safe after {safe} ms (median, largest; "
            f"{1e3 * case.within(limits):.0f} wanted), {soon} within a period and the latency "
            f"({1e3 * short:.0f}), went on: {on}")


def _try_robot(name, flags):
    """Prints a line for each fault of a robot; returns the misses."""
    registry.get(name).factory("emulated")
    gin.parse_config("GuardianTimes.recoveries = 1000000")
    gin.parse_config(f"EmulatorPatience.on = {flags.limits == 'emulated'}")
    matrix = Matrix(name, flags.seed, flags.late_seconds)
    try:
        for case in ROBOTS[name].cases:
            found = np.array([matrix.trial(case) for _ in range(flags.times)])
            print(_line(name, case, found, matrix.limits), flush=True)
    except RobotError as error:
        matrix.misses.append(f"{name} cannot go on, {matrix.unordered} faults that were not "
                             f"ordered: {error}")
    finally:
        matrix.close()
    print(f"{name:<7}{matrix.written:,} steps written, {matrix.unordered} faults that were not "
          f"ordered, {len(matrix.misses)} misses", flush=True)
    return matrix.misses


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=25, help="of each fault (default: 25)")
    parser.add_argument("--robots", default=",".join(ROBOTS), help="names, with commas")
    parser.add_argument("--limits", choices=("emulated", "real"), default="emulated",
                        help="of lateness: for emulators on a busy machine (the default), or the "
                        "robots' own")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--late_seconds", type=float, default=0.5,
                        help="what a busy machine may add (default: 0.5)")
    flags = parser.parse_args()
    misses = [line for name in flags.robots.split(",") for line in _try_robot(name, flags)]
    for line in misses:
        print("miss:", line)
    return 1 if misses else 0


if __name__ == "__main__":
    sys.exit(main())
