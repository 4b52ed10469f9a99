"""`python -m benchmarks`: measures, prints a table, writes JSON, compares."""

from __future__ import annotations

import os
import pathlib
from typing import List, Optional, Sequence

from absl import flags

from benchmarks import catalogue, report, runner
from dreamer_tf import command_line
from dreamer_tf.errors import UserError

COMMAND = command_line.CommandLine(
    name="benchmarks",
    usage="Measures train step, start-up, policy, replay, robots and their cost, each in a process "
    "of its own and as a ratio to a float32 product of 2048 x 2048 x 2048 made in between. Run it "
    "on an otherwise idle machine; ratios bear some load, times do not.",
    examples=[
        "python -m benchmarks",
        "python -m benchmarks --only='train_step/a1/*' --repeats=20",
        "python -m benchmarks --compare=old.json",
        "python -m benchmarks --compare=old.json,new.json",
    ],
    notes=lambda: "Benchmarks:\n" + "\n".join(f"  {name}" for name in catalogue.catalogue()),
)
FLAGS = COMMAND.flags

flags.DEFINE_list(
    "only", [], "Names, or patterns such as 'train_step/*'; all if empty", flag_values=FLAGS
)
flags.DEFINE_string(
    "out",
    None,
    "File for the results; build/bench.json, or build/bench_quick.json with --quick",
    flag_values=FLAGS,
)
flags.DEFINE_list(
    "compare",
    [],
    "An older file to compare with; two files are only compared, nothing is run",
    flag_values=FLAGS,
)
flags.DEFINE_integer(
    "repeats", 0, "How often each is measured; 0 is each one's own", lower_bound=0,
    flag_values=FLAGS,
)  # fmt: skip
flags.DEFINE_boolean(
    "quick", False, "Debug sizes and two repeats: shows that everything runs, not how fast",
    flag_values=FLAGS,
)  # fmt: skip


def main() -> int:
    """Checks the flags, then measures or compares.

    Returns:
      The exit code: 1 when a benchmark failed.

    Raises:
      UserError: a mistake of the user.
    """
    if len(FLAGS.compare) > 2:
        raise UserError("--compare takes one file, or two: old.json,new.json")
    old = [report.load(path) for path in FLAGS.compare]
    if len(old) == 2:
        print("\n".join(report.compare(*old)))
        return 0
    chosen = catalogue.choose(FLAGS.only, FLAGS.quick)
    name = "bench_quick.json" if FLAGS.quick else "bench.json"
    entries = _measure(chosen, pathlib.Path(FLAGS.out or os.path.join("build", name)))
    if old:
        print("\n" + "\n".join(report.compare(old[0], entries)))
    return int(any("error" in entry for entry in entries))


def _measure(chosen: Sequence[catalogue.Benchmark], path: pathlib.Path) -> List[report.Entry]:
    """Runs and prints; the file is written after each, so that a stop loses nothing."""
    entries: List[report.Entry] = []
    products: List[float] = []
    print(report.header(), flush=True)
    for entry in runner.run_all(chosen, FLAGS.quick, FLAGS.repeats, products):
        entries = [e for e in entries if e["name"] != report.CALIBRATION] + [entry]
        print(report.line(entry), flush=True)
        if products:
            entries.append(report.calibration_entry(products))
        report.save(path, entries)
    if products:
        print(report.line(entries[-1]))
    print(f"\nwritten to {path}")
    return entries


def cli(argv: Optional[Sequence[str]] = None) -> None:
    """Ends the process with the exit code of `main`."""
    COMMAND.run(main, argv)


if __name__ == "__main__":
    cli()
