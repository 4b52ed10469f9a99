"""Scalars to metrics.jsonl and TensorBoard."""
from __future__ import annotations

import collections
import json
import math
import os
import time
from typing import Dict, List, Mapping, Sequence

import numpy as np
import tensorflow as tf

from dreamer_tf.errors import UserError


class MetricsLog:
    """Collects scalars cheaply and writes their means.

    Values that arrive many times (`add`, `add_vector`) are averaged until `write`; nothing is
    converted from tensors before that. metrics.jsonl gets one object a write, with `env_steps`,
    `updates` and `seconds` (since this log was opened, and `start_seconds` before); TensorBoard
    gets the same names.
    """

    def __init__(self, path: os.PathLike, writer: tf.summary.SummaryWriter, *,
                 start_seconds: float = 0.0):
        """Opens the log for appending.

        Args:
          path: metrics.jsonl.
          writer: TensorBoard writer of the run.
          start_seconds: time that earlier processes of this run have used.
        """
        self._file = open(path, 'a', encoding='utf-8')
        self._writer = writer
        self._began = time.monotonic() - start_seconds
        self._values: Dict[str, List[float]] = collections.defaultdict(list)
        self._vectors: List[tf.Tensor] = []
        self._names: Sequence[str] = ()

    @property
    def seconds(self) -> float:
        """Seconds since this log was opened, and `start_seconds` before: those of the whole run."""
        return time.monotonic() - self._began

    def add(self, values: Mapping[str, float]) -> None:
        """Remembers one value each; the next `write` writes the mean."""
        for name, value in values.items():
            self._values[name].append(float(value))

    def add_vector(self, names: Sequence[str], vector: tf.Tensor) -> None:
        """Remembers the metrics of one update as a tensor, unread.

        Args:
          names: M names, the same in every call.
          vector: float32 (M,).
        """
        self._names = names
        self._vectors.append(vector)

    def write(self, env_steps: int, updates: int) -> Dict[str, float]:
        """Writes the means of everything since the last write, and returns them.

        Raises:
          OSError, UserError: a file cannot be written.
        """
        means = {name: sum(values) / len(values) for name, values in self._values.items()}
        if self._vectors:
            stacked = np.mean(np.stack([vector.numpy() for vector in self._vectors]), axis=0)
            means.update(zip(self._names, map(float, stacked)))
        self._values.clear()
        self._vectors.clear()
        record = {'env_steps': env_steps, 'updates': updates, 'seconds': round(self.seconds, 2)}
        record.update((name, _rounded(value)) for name, value in sorted(means.items()))
        self._file.write(json.dumps(record) + '\n')
        self._file.flush()
        try:
            with self._writer.as_default(step=env_steps):
                for name, value in means.items():
                    tf.summary.scalar(name, value)
            self._writer.flush()
        except tf.errors.OpError as error:
            raise UserError('the TensorBoard file cannot be written ({}): is the disk full?'.format(
                error.message)) from error
        return means

    def close(self) -> None:
        """Closes the file; harmless when called again."""
        self._file.close()


def _rounded(value: float):
    # JSON has no NaN or infinity; null keeps every line readable by any tool.
    return float('{:.6g}'.format(value)) if math.isfinite(value) else None


def cut_after(path: os.PathLike, env_steps: int) -> None:
    """Removes the lines of metrics.jsonl after `env_steps`, before a run is resumed there.

    A process that was killed has logged steps that the checkpoint does not hold; they come again.
    """
    if not os.path.exists(path):
        return
    with open(path, encoding='utf-8') as file:
        lines = file.readlines()
    kept = [line for line in lines if _steps_of(line) <= env_steps]
    if len(kept) < len(lines):
        with open('{}.tmp'.format(path), 'w', encoding='utf-8') as file:
            file.writelines(kept)
        os.replace('{}.tmp'.format(path), path)


def _steps_of(line: str) -> float:
    try:
        return json.loads(line)['env_steps']
    except (ValueError, KeyError, TypeError):  # the line that a kill has cut in the middle
        return math.inf
