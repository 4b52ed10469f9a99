"""What actor and learner cost each other when they run side by side.

`python -m benchmarks.roles --minutes=10`: a twin held to its robot's rate beside a learner at full
speed. `--actors=2 --namespaces` (root only): two actors, and the learner with its replay, each in a
network namespace of its own; the actors are halted every other minute, and the learner's speed with
and without them is compared. Not part of `make bench`: it takes its minutes of real time.
"""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time
from typing import Any, Dict, Iterator, List, Optional, Sequence

import numpy as np
from absl import flags

from dreamer_tf import command_line
from dreamer_tf.errors import UserError
from dreamer_tf.roles.addresses import free_port

COMMAND = command_line.CommandLine(
    name="benchmarks",
    usage="Runs actors in real time beside a learner at full speed and says what each costs the "
    "other. Run it on an otherwise idle machine.",
    examples=[
        "python -m benchmarks.roles --robot=a1 --minutes=10",
        "python -m benchmarks.roles --robot=a1 --minutes=6 --actors=2 --namespaces",
    ],
)
FLAGS = COMMAND.flags
AT_FULL_SPEED = "Trainer.replay_ratio = 1000000"
START_SECONDS = 240.0
HUB = "dtf-hub"  # the bridge between the namespaces

flags.DEFINE_string("robot", "a1", "Robot whose twin acts", flag_values=FLAGS)
flags.DEFINE_string("gin_file", "small", "Preset", flag_values=FLAGS)
flags.DEFINE_integer("minutes", 10, "Minutes after the first update", 1, flag_values=FLAGS)
flags.DEFINE_integer("actors", 1, "Actors", 1, flag_values=FLAGS)
flags.DEFINE_boolean(
    "namespaces", False, "Learner and each actor in a network namespace; else localhost",
    flag_values=FLAGS,
)  # fmt: skip
flags.DEFINE_string("logdir", "build/roles", "Folder of the run; emptied", flag_values=FLAGS)


def main() -> int:
    """Runs the roles, prints the figures and writes them to `figures.json`; returns 0.

    Raises:
      UserError: namespaces without root, or a role that ended.
    """
    if FLAGS.namespaces and os.geteuid() != 0:
        raise UserError("--namespaces needs root: run it with sudo, or leave it out")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that everything is taken down
    logdir = pathlib.Path(FLAGS.logdir).expanduser().resolve()
    shutil.rmtree(logdir, ignore_errors=True)
    with contextlib.ExitStack() as stack:
        names = stack.enter_context(_namespaces(FLAGS.actors)) if FLAGS.namespaces else None
        roles = _start(stack, logdir, names)
        _wait_for_updates(logdir, roles)
        found = _alternate(logdir, roles, FLAGS.minutes)
        found["episodes"] = [summary(_lines(path)) for path in _episode_files(logdir)]
    (logdir / "figures.json").write_text(json.dumps(found, indent=1) + "\n")
    print(json.dumps(found, indent=1))
    return 0


def summary(episodes: Sequence[Dict[str, Any]]) -> Dict[str, float]:
    """Puts an actor's episodes together.

    Args:
      episodes: lines of `episodes.jsonl` after the first update. Their counts of steps and
        overruns are those since the actor's start: the first line is where counting begins.

    Returns:
      steps; overruns and their share; the longest overrun since the actor's start; latency from
      observation to action in ms: the median of the episodes' medians, and of their 99th
      percentiles the median and the largest.
    """
    first, last = episodes[0], episodes[-1]
    steps, overruns = (last[name] - first[name] for name in ("paced_steps", "overruns"))
    late = [line["latency_ms_p99"] for line in episodes[1:]]
    return {
        "steps": steps,
        "overruns": overruns,
        "overrun_share": overruns / max(1, steps),
        "longest_overrun_ms": 1e3 * last["longest_overrun_seconds"],
        "latency_ms_p50": float(np.median([line["latency_ms_p50"] for line in episodes[1:]])),
        "latency_ms_p99": float(np.median(late)),
        "latency_ms_p99_worst_episode": max(late),
    }


def _alternate(logdir, roles, minutes: int) -> Dict[str, Any]:
    """A minute with actors, a minute without, if there are several; one actor always acts."""
    actors = [process for name, process in roles.items() if name.startswith("actor")]
    rates: Dict[str, List[float]] = {"with_actors": [], "without": []}
    for minute in range(minutes):
        halted = len(actors) > 1 and minute % 2 == 1
        for process in actors:
            process.send_signal(signal.SIGSTOP if halted else signal.SIGCONT)
        time.sleep(5.0)  # what was on its way has come
        rates["without" if halted else "with_actors"].append(_updates_a_second(logdir, 55.0))
        _check(roles)
    for process in actors:
        process.send_signal(signal.SIGCONT)
    found: Dict[str, Any] = {"updates_per_s": rates}
    if rates["without"]:
        found["with_actors_over_without"] = float(
            np.median(rates["with_actors"]) / np.median(rates["without"])
        )
    return found


def _updates_a_second(logdir, seconds: float) -> float:
    last = lambda: [line for line in _lines(logdir / "metrics.jsonl") if "updates" in line][-1]
    begin = last()
    time.sleep(seconds)
    end = last()
    return (end["updates"] - begin["updates"]) / (end["seconds"] - begin["seconds"])


def _wait_for_updates(logdir, roles) -> None:
    end = time.monotonic() + START_SECONDS
    while not any("updates" in line for line in _lines(logdir / "metrics.jsonl")):
        _check(roles)
        if time.monotonic() > end:
            raise UserError(f"no update within {START_SECONDS:.0f} s; see {logdir}/*.txt")
        time.sleep(1.0)
    for path in _episode_files(logdir):
        path.unlink()  # prefill and compilation are not asked about


def _check(roles) -> None:
    for name, process in roles.items():
        if process.poll() is not None:
            raise UserError(f"the {name} ended with exit code {process.returncode}")


def _lines(path: pathlib.Path) -> List[Dict[str, Any]]:
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines() if line.endswith("}")]


def _episode_files(logdir: pathlib.Path) -> List[pathlib.Path]:
    return sorted(logdir.glob("actors/*/episodes.jsonl"))


def _start(stack, logdir, names) -> Dict[str, subprocess.Popen]:
    host = "10.77.0.1" if names else "localhost"
    addresses = [f"--{name}_address={host}:{free_port()}" for name in ("replay", "weights")]
    wanted = ["replay", "learner", *(f"actor {k}" for k in range(FLAGS.actors))]
    logdir.mkdir(parents=True)
    roles = {}
    for name in wanted:
        role, _, number = name.partition(" ")
        inside = ["ip", "netns", "exec", names[name if number else "learner"]] if names else []
        output = stack.enter_context(open(logdir / f"{name}.txt", "w"))
        roles[name] = subprocess.Popen(
            [*inside, sys.executable, "-m", "dreamer_tf.train", f"--role={role}",
             f"--actor={number or 0}", f"--robot={FLAGS.robot}", f"--logdir={logdir}",
             f"--gin_file={FLAGS.gin_file}", "--env_steps=100000000", "--gin_bindings",
             AT_FULL_SPEED, "--gin_bindings", "Trainer.log_every = 5", *addresses],
            stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        stack.callback(_end, roles[name])
    return roles


def _end(process: subprocess.Popen) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextlib.contextmanager
def _namespaces(actors: int) -> Iterator[Dict[str, str]]:
    """A namespace for the learner and for each actor, joined by a bridge."""
    places = {"learner": "dtf-0", **{f"actor {k}": f"dtf-{k + 1}" for k in range(actors)}}
    _ip("link", "add", HUB, "type", "bridge")
    try:
        _ip("link", "set", HUB, "up")
        for number, name in enumerate(places.values(), 1):
            _ip("netns", "add", name)
            _ip("link", "add", f"{name}-o", "type", "veth", "peer", "name", "eth0", "netns", name)
            _ip("link", "set", f"{name}-o", "master", HUB, "up")
            _ip("-n", name, "addr", "add", f"10.77.0.{number}/24", "dev", "eth0")
            for device in ("eth0", "lo"):
                _ip("-n", name, "link", "set", device, "up")
        yield places
    finally:
        for name in places.values():
            subprocess.run(["ip", "netns", "del", name], stderr=subprocess.DEVNULL, check=False)
        subprocess.run(["ip", "link", "del", HUB], stderr=subprocess.DEVNULL, check=False)


def _ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise UserError(f"ip {' '.join(words)}: {done.stderr.strip()}")


def cli(argv: Optional[Sequence[str]] = None) -> None:
    """Runs the command; ends the process with the exit code of `main`."""
    COMMAND.run(main, argv)


if __name__ == "__main__":
    cli()
