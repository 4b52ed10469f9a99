"""Tells a robot's builder what is wrong: `python -m robot_envs.check --robot=... --backend=...`."""

from __future__ import annotations

import argparse
import functools
import inspect
import os
import signal
import sys
from typing import TYPE_CHECKING, List, NamedTuple, Optional, Sequence, TextIO

from robot_envs import registry, settings
from robot_envs.command_line import CommandLine
from robot_envs.errors import RobotError
from robot_envs.registry import TWIN
from robot_envs.terminated import Terminated

if TYPE_CHECKING:  # TensorFlow takes seconds: `--help` must answer at once.
    from robot_envs.checks.finding import Finding
    from robot_envs.checks.timing import Latency

_MIN_STEPS = 20


class Report(NamedTuple):
    """What the checks have found.

    Attributes:
        findings: in the order of the checks.
        latency: of the steps.
    """

    findings: List[Finding]
    latency: Latency


def examine(
    entry: registry.RobotEntry, *, backend: str = TWIN, steps: int = 200, seed: int = 0
) -> Report:
    """Makes the robot, moves it at random for `steps`, and looks at all that comes back.

    A twin is made several times, to compare; a real robot once, and it gets no nonsense. Whatever
    ends this early, the robot is closed, and a line on stderr tells when it does not let go.

    Raises:
        RobotError: it cannot be made.
    """
    from robot_envs.checks import episodes, repeatable, safety, sensors, specs, timing
    from robot_envs.checks import steps as steps_checks
    from robot_envs.checks.recording import make_actions, record

    factory = entry.factory(backend)
    make = functools.partial(factory, seed=seed)
    real = backend != TWIN
    findings: List[Finding] = []
    env = make()
    try:
        findings += specs.check_specs(env)
        actions = make_actions(env.action_spec(), steps, seed=seed, extremes=not real)
        recording = record(env, actions)
        findings += steps_checks.check_steps(recording, _flat(env.observation_spec()))
        findings += steps_checks.check_memory(recording)
        findings += sensors.check_frozen(recording)
        findings += timing.check_stamps(recording, entry.rate_hz)
        findings += episodes.check_length(recording, entry.episode_steps)
        findings += safety.check_picture(env)
        if not real:
            findings += safety.check_refusal(env)
        findings += safety.check_close(env)
    except BaseException:  # Ctrl-C above all; nobody will see the findings.
        _print_findings(safety.check_close(env), sys.stderr)
        raise
    latency = timing.measure_latency(recording)
    findings += timing.check_rate(latency, entry.rate_hz, real=real)
    if not real and recording.error is None:
        options = list(inspect.signature(factory).parameters)
        findings += episodes.check_short_episodes(make, options)
        findings += repeatable.check_repeatable(factory)
    return Report(findings, latency)


def _flat(spec) -> dict:
    """Returns the part of an observation spec that can be checked; the rest has been told."""
    if not isinstance(spec, dict):
        return {}
    return {key: value for key, value in spec.items() if hasattr(value, "shape")}


def print_report(name: str, entry: registry.RobotEntry, backend: str, report: Report) -> None:
    """Prints a line for each finding, then how long steps took."""
    _print_findings(report.findings, sys.stdout)
    latency = report.latency
    print(f"{name} ({backend}): step p50 {latency.step_p50 * 1e3:.2f} ms, p99 "
          f"{latency.step_p99 * 1e3:.2f} ms, reset {latency.reset_p50 * 1e3:.2f} ms; "
          f"{1e3 / entry.rate_hz:g} ms at {entry.rate_hz:g} Hz")
    errors = sum(finding.error for finding in report.findings)
    print(f"{errors} errors, {len(report.findings) - errors} notes")


def _print_findings(findings: Sequence[Finding], file: TextIO) -> None:
    for finding in findings:
        kind = "error" if finding.error else "note"
        print(f"{kind:<6}{finding.check}: {finding.text}", file=file, flush=True)


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Checks a robot.

    Returns:
        1 if anything must be repaired, 0 if not; 130 or 143 after Ctrl-C or SIGTERM, and the robot
        is closed, or a line says why it is not.
    """
    parser = _command_line()
    flags = parser.parse_args(argv)
    if flags.steps < _MIN_STEPS:
        parser.error(f"--steps must be at least {_MIN_STEPS}")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        with Terminated.is_raised():
            return _check(flags)
    except RobotError as error:
        return parser.fail(error)
    except KeyboardInterrupt as interrupt:
        parser.fail("interrupted")
        return 128 + (signal.SIGTERM if isinstance(interrupt, Terminated) else signal.SIGINT)


def _command_line() -> CommandLine:
    worlds = ", ".join(pattern for pattern, _ in registry.WORLDS_HELP)
    parser = CommandLine(
        "check",
        prog="python -m robot_envs.check",
        description="Tells a robot's builder what is wrong with an environment.",
        epilog=f"Robots: {', '.join(registry.names())}, {worlds}.",
    )
    parser.add_argument("--robot", required=True, help="name, as in dreamer_tf.train")
    parser.add_argument("--backend", default=TWIN, help="what stands behind it (default: twin)")
    parser.add_argument("--steps", type=int, default=200, help="random steps (default: 200)")
    parser.add_argument("--seed", type=int, default=0, help="of twin and actions (default: 0)")
    parser.add_argument("--gin_bindings", action="append", default=[], metavar="SETTING",
                        help="one setting of the robot; may be given again")
    return parser


def _check(flags: argparse.Namespace) -> int:
    entry = registry.get(flags.robot)
    settings.bind(entry, flags.backend, flags.gin_bindings)
    report = examine(entry, backend=flags.backend, steps=flags.steps, seed=flags.seed)
    print_report(flags.robot, entry, flags.backend, report)
    return int(any(finding.error for finding in report.findings))


if __name__ == "__main__":
    sys.exit(main())
