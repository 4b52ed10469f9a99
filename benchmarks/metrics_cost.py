"""What metrics and summaries cost."""

from __future__ import annotations

import itertools
import pathlib
import tempfile
import time
from typing import Any, Callable, Dict

import numpy as np
import tensorflow as tf

from benchmarks.agents import Setup, make_setup, trainer_setting
from benchmarks.calibration import Calibration
from benchmarks.measure import Timing, measure
from dreamer_tf.learner import Learner
from dreamer_tf.metrics_log import MetricsLog
from dreamer_tf.summaries import Summaries
from dreamer_tf.trainer import OPEN_LOOP_SEQUENCES

ROUNDS = 3
"""Times that a log line and an open-loop video are written, after a first that does not count."""


def metrics_cost(
    robot: str, preset: str, *, repeats: int, calibration: Calibration
) -> Dict[str, Any]:
    """Compares updates with all metrics to updates that return their loss alone.

    Args:
      robot: name in the registry.
      preset: name in `presets.PRESETS`.
      repeats: pairs of updates.
      calibration: interleaved.

    Returns:
      The fields of the entry: `median_s` is what an update with metrics takes longer
      (`in_graph_s`), plus its part of writing a line to the log (`log_s`) and of an open-loop
      video (`video_s`); `share` is all that as a share of the update without.
    """
    setup = make_setup(robot, preset, "dynamics")
    learner = Learner(setup.agent, itertools.repeat(setup.batch))
    # What nobody fetches TensorFlow takes out of the graph.
    bare = tf.function(lambda batch: setup.agent.train(batch).loss, autograph=False)
    batch, seconds = setup.batch, []

    def pair():
        began = time.perf_counter()
        bare(batch).numpy()
        between = time.perf_counter()
        learner.update()
        seconds.append((between - began, time.perf_counter() - between))

    warm_up = 3
    timing = measure(pair, calibration, repeats=repeats, warm_up=warm_up)
    without, with_metrics = np.array(seconds[warm_up:]).T
    parts = {"in_graph_s": float(np.median(with_metrics - without))}
    with tempfile.TemporaryDirectory(prefix="dreamer_tf_bench_") as folder:
        parts.update(_written(setup, learner, pathlib.Path(folder)))
    extra = np.full([1, 1], sum(parts.values()))
    fields = Timing(extra, timing.calibration_s).fields()
    return {**fields, **parts, "share": fields["median_s"] / float(np.median(without))}


def _written(setup: Setup, learner: Learner, folder: pathlib.Path) -> Dict[str, float]:
    """Seconds for an update of what is written every so many updates and environment steps."""
    writer = tf.summary.create_file_writer(str(folder))
    log = MetricsLog(folder / "metrics.jsonl", writer)
    summaries = Summaries(folder, writer, fps=5.0)
    vector = learner.update()
    batch = {key: value[:OPEN_LOOP_SEQUENCES] for key, value in learner.last_batch.items()}
    context = trainer_setting("open_loop_context_steps")
    log_every = trainer_setting("log_every")

    def write_line():
        for _ in range(log_every):
            log.add_vector(learner.names, vector)
        log.write(0, 0)

    def film():
        summaries.open_loop(setup.agent.open_loop(batch, context), context, 0)

    steps = setup.batch_size * setup.sequence_length
    updates_a_step = trainer_setting("replay_ratio") / steps
    film_every = trainer_setting("video_every_steps") * updates_a_step
    result = {"log_s": _median(write_line) / log_every, "video_s": _median(film) / film_every}
    log.close()
    writer.close()
    return result


def _median(call: Callable[[], Any]) -> float:
    call()
    seconds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - began)
    return float(np.median(seconds))
