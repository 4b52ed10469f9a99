"""Writing to and sampling from the replay server, as the training binary does."""

from __future__ import annotations

import contextlib
import itertools
from typing import Any, Dict, Iterator

import numpy as np

from benchmarks.calibration import Calibration
from benchmarks.measure import measure
from dreamer_tf.collector import random_action
from dreamer_tf.replay.alignment import step_from_time_step
from dreamer_tf.replay.batch_iterator import BatchIterator
from dreamer_tf.replay.sequence_dataset import make_sequence_dataset
from dreamer_tf.replay.sequence_writer import SequenceWriter
from dreamer_tf.replay.server import ReplayServer
from dreamer_tf.replay.step_spec import num_discrete_actions, replay_step_spec
from dreamer_tf.replay.tables import make_replay_table
from robot_envs import registry

SEQUENCE_LENGTH = 32
BATCH_SIZE = 16
STEPS_RECORDED = 200
STEPS_HELD = 2_000
BLOCK_STEPS = 200
BLOCK_BATCHES = 50
SETTLE_BATCHES = 8
"""Batches that prefetching holds ready after a product of the calibration."""


def replay_write(robot: str, *, repeats: int, calibration: Calibration) -> Dict[str, Any]:
    """Times `SequenceWriter.append`, every step beginning a sequence.

    Args:
      robot: whose steps (recorded from its twin, with random actions) are written.
      repeats: blocks of `BLOCK_STEPS` steps.
      calibration: interleaved.

    Returns:
      The fields of the entry. Most appends only copy, every eighth sends: the median is that of
      the blocks' mean append, the p99 that of single appends.
    """
    signature, recorded = _record(robot)
    steps = itertools.cycle(recorded)
    with _server(signature) as server:
        writer = SequenceWriter(server.client)
        append = lambda: writer.append(next(steps))
        timing = measure(
            append, calibration, repeats=repeats, block=BLOCK_STEPS, warm_up=2 * SEQUENCE_LENGTH
        )
        writer.close()
    return {**timing.fields(timing.mean_s), "steps_per_s": 1.0 / timing.mean_s}


def replay_sample(robot: str, *, repeats: int, calibration: Calibration) -> Dict[str, Any]:
    """Times `next(BatchIterator)` with nobody training in between.

    Args:
      robot: whose steps are sampled, in batches of 16 x 32.
      repeats: blocks of `BLOCK_BATCHES` batches.
      calibration: interleaved.

    Returns:
      The fields of the entry; the median is that of the blocks' mean.
    """
    signature, recorded = _record(robot)
    with contextlib.ExitStack() as stack:
        server = _server(signature)
        writer = SequenceWriter(server.client)
        for step in itertools.islice(itertools.cycle(recorded), STEPS_HELD):
            writer.append(step)
        writer.close()
        dataset = make_sequence_dataset(server.address, batch_size=BATCH_SIZE)
        batches = BatchIterator(dataset, server.client)
        stack.callback(batches.close)
        stack.callback(server.stop)  # first: what waits for it then ends at once
        timing = measure(
            lambda: next(batches), calibration, repeats=repeats, block=BLOCK_BATCHES,
            warm_up=20, settle=SETTLE_BATCHES,
        )  # fmt: skip
    size = BATCH_SIZE * SEQUENCE_LENGTH * sum(np.asarray(x).nbytes for x in recorded[0].values())
    rates = {"batches_per_s": 1.0 / timing.mean_s, "mb_per_s": 1e-6 * size / timing.mean_s}
    return {**timing.fields(timing.mean_s), **rates}


def _server(signature) -> ReplayServer:
    table = make_replay_table(
        signature,
        capacity_steps=10 * STEPS_HELD,
        sequence_length=SEQUENCE_LENGTH,
        min_items=BATCH_SIZE,
    )
    return ReplayServer(table)


def _record(robot: str):
    """The signature of a robot's steps, and steps with random actions."""
    environment = registry.make(robot, seed=0)
    spec = environment.action_spec()
    steps = list(itertools.islice(_steps(environment, spec), STEPS_RECORDED))
    signature = replay_step_spec(environment.time_step_spec(), spec)
    environment.close()
    return signature, steps


def _steps(environment, spec) -> Iterator[Dict[str, Any]]:
    count = num_discrete_actions(spec)
    action, time_step = np.zeros(spec.shape, spec.dtype), environment.reset()
    for i in itertools.count():
        yield step_from_time_step(time_step, action, count)
        action = random_action(spec, i)
        time_step = environment.step(action)
