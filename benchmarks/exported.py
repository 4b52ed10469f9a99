"""Latency and size of every form of an exported policy.

`python -m benchmarks.exported --policies=policies/sphero`. Not part of `make bench`, which knows
no trained policies; the numbers are plain milliseconds of the machine as it is.
"""

from __future__ import annotations

import pathlib
import time
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence

import numpy as np
from absl import flags

from dreamer_tf import command_line
from dreamer_tf.errors import UserError
from dreamer_tf.serving import description

COMMAND = command_line.CommandLine(
    name="benchmarks",
    usage="Measures latency and size of every form of an exported policy.",
    examples=["python -m benchmarks.exported --policies=policies/sphero"],
)
FLAGS = COMMAND.flags
WARM_UP = 20

flags.DEFINE_string("policies", None, "The --out of an export (required)", flag_values=FLAGS)
flags.DEFINE_integer("calls", 300, "Calls of each form", 10, flag_values=FLAGS)


class Latency(NamedTuple):
    """From numpy to numpy, in milliseconds of wall clock.

    Attributes:
      p50: median.
      p99: 99th percentile.
    """

    p50: float
    p99: float


def main() -> int:
    """Measures and prints a Markdown table; returns 0.

    Raises:
      UserError: there is no complete export.
    """
    if not FLAGS.policies:
        raise UserError("--policies is needed (--help shows an example)")
    command_line.quiet_imports()
    print("| form | bytes on disk | batch 1, p50 / p99 ms | batch 32, p50 / p99 ms |")
    print("|---|---|---|---|")
    for kind in ("greedy", "sampling"):
        folder = description.newest(FLAGS.policies, kind)
        about = description.read(folder)
        steps = _saved_model(folder)
        timings = [measure(steps[n], random_inputs(about, n), FLAGS.calls) for n in (1, 32)]
        _row(f"{kind}, SavedModel", size_of(folder), timings)
    folder = description.newest(FLAGS.policies, "tflite")
    about = description.read(folder)
    for path in sorted(folder.glob("*.tflite")):
        timings = [
            measure(_tflite(path, n), random_inputs(about, n), FLAGS.calls) for n in (1, 32)
        ]
        _row(path.name, path.stat().st_size, timings)
    folder = description.newest(FLAGS.policies, "world_model")
    _row("world model, SavedModel", size_of(folder), None)
    return 0


def measure(step: Callable, inputs: Dict[str, np.ndarray], calls: int) -> Latency:
    """Calls a policy again and again with the same inputs."""
    seconds = []
    for i in range(WARM_UP + calls):
        began = time.perf_counter()
        step(inputs)
        seconds.append(time.perf_counter() - began)
    milliseconds = 1e3 * np.asarray(seconds[WARM_UP:])
    return Latency(*(float(np.percentile(milliseconds, q)) for q in (50, 99)))


def random_inputs(about: Dict[str, Any], batch: int) -> Dict[str, np.ndarray]:
    """Returns observations at random, a state of zeros and `is_first`, as policy.json wants."""
    random = np.random.default_rng(0)
    inputs = {"is_first": np.zeros(batch, bool)}
    for key, spec in about["observation"].items():
        high = 255 if spec["dtype"] == "uint8" else 1
        inputs[key] = random.uniform(0, high, (batch, *spec["shape"])).astype(spec["dtype"])
    for key, spec in about["state"].items():
        inputs[key] = np.zeros((batch, *spec["shape"]), spec["dtype"])
    return inputs


def size_of(folder: pathlib.Path) -> int:
    """Returns the bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _saved_model(folder: pathlib.Path) -> Dict[int, Callable]:
    import tensorflow as tf

    from dreamer_tf.serving.parity import signature_step

    loaded = tf.saved_model.load(str(folder))
    return {1: signature_step(loaded, "single"), 32: signature_step(loaded, "serving_default")}


def _tflite(path: pathlib.Path, batch: int) -> Callable:
    """A .tflite policy is for one robot: a batch is one call after the other."""
    from dreamer_tf.serving.tflite import lite_step

    step = lite_step(path)
    if batch == 1:
        return step
    return lambda inputs: [
        step({key: value[i : i + 1] for key, value in inputs.items()}) for i in range(batch)
    ]


def _row(name: str, size: int, timings: Optional[List[Latency]]) -> None:
    cells = ["", ""] if timings is None else [f"{x.p50:.2f} / {x.p99:.2f}" for x in timings]
    print(f"| {name} | {size:,} | {' | '.join(cells)} |", flush=True)


def cli(argv: Optional[Sequence[str]] = None) -> None:
    """Runs the command; ends the process with the exit code of `main`."""
    COMMAND.run(main, argv)


if __name__ == "__main__":
    cli()
