"""What an actor has recorded: append-only TFRecord files that survive a kill at any moment."""

from __future__ import annotations

import collections
import json
import os
import pathlib
import secrets
import threading
from typing import Deque, Mapping, Tuple

import tensorflow as tf

from dreamer_tf.errors import UserError
from dreamer_tf.roles.record_format import RecordFormat
from dreamer_tf.roles.rlds import Record
from dreamer_tf.types import IS_FIRST

Entry = Tuple[Record, int]
STREAM_FILE = "stream.json"
STEPS_PER_FILE = 1000
RECENT_STEPS = 256
_FRAME_BYTES = 16  # of a TFRecord: length, its checksum, checksum of the data


class EpisodeLog:
    """Records numbered from 0, one file an episode (a new one after 1,000 steps, too).

    A file is named after the number of its first record. `stream.json` says whose log it is, names
    the fields with dtype and shape, and holds a random number that tells this log from all others.
    Each record is handed to the operating system at once: a killed process loses none. One thread
    appends, another may read.

    Attributes:
      stream: the random number.
      next_index: number of the next record.
      env_steps: environment steps that the log holds (records without those of resets).
    """

    def __init__(
        self,
        folder: os.PathLike,
        signature: Mapping[str, tf.TensorSpec],
        *,
        robot: str,
        read_only: bool = False,
    ):
        """Opens the log, or begins it; half a record at its end is cut off.

        Args:
          folder: made if missing.
          signature: of a replay step.
          robot: name of the robot.
          read_only: the log is another's, who may be writing: nothing of it is changed, and what
            is not whole is left out, and so is what comes later.

        Raises:
          UserError: the folder cannot be used, or holds the log of another robot.
        """
        self._folder = pathlib.Path(folder)
        self._format = RecordFormat(signature)
        self._read_only = read_only
        self._writer: tf.io.TFRecordWriter | None = None
        self._in_file = 0
        self._recent: Deque[tuple[int, Entry]] = collections.deque(maxlen=RECENT_STEPS)
        self._lock = threading.Lock()
        try:
            if not read_only:
                self._folder.mkdir(parents=True, exist_ok=True)
            self.stream = self._open_stream(robot)
            self.next_index, self.env_steps = self._find_end()
        except OSError as error:
            raise UserError(f"the log {self._folder} cannot be used: {error.strerror}") from error

    def append(self, record: Record) -> None:
        """Writes one record.

        Raises:
          UserError: it cannot be written.
        """
        if self._read_only:
            raise UserError(f"the log {self._folder} was opened for reading only")
        env_steps = self.env_steps + (0 if record[IS_FIRST] else 1)
        try:
            if self._writer is None or record[IS_FIRST] or self._in_file >= STEPS_PER_FILE:
                self.close()
                self._writer = tf.io.TFRecordWriter(str(self._path(self.next_index)))
            self._writer.write(self._format.encode(record, env_steps))
            self._writer.flush()
        except (OSError, tf.errors.OpError) as error:
            raise UserError(
                f"the log {self._folder} cannot be written ({error}): is the disk full?"
            ) from error
        self._in_file += 1
        with self._lock:
            self._recent.append((self.next_index, (record, env_steps)))
            self.next_index += 1
            self.env_steps = env_steps

    def read(self, first: int, count: int) -> list[Entry]:
        """Up to `count` records from number `first` on, fewer at the end of the log or a file.

        Returns:
          Pairs of a record and the environment steps of the log up to and including it.

        Raises:
          UserError: a file is missing or damaged.
        """
        with self._lock:
            end = self.next_index
            if self._recent and self._recent[0][0] <= first:
                start = first - self._recent[0][0]
                return [entry for _, entry in list(self._recent)[start : start + count]]
        if first >= end:
            return []
        begin = max((number for number in self._numbers() if number <= first), default=None)
        if begin is None:
            raise self._missing(first)
        data = tf.data.TFRecordDataset(str(self._path(begin))).skip(first - begin)
        try:
            found = [bytes(x) for x in data.take(min(count, end - first)).as_numpy_iterator()]
        except tf.errors.OpError as error:
            raise UserError(f"{self._path(begin)} is damaged: {error.message}") from error
        if not found:
            raise self._missing(first)
        return [self._format.decode(x) for x in found]

    def close(self) -> None:
        """Closes the file; `append` begins another one."""
        if self._writer is not None:
            self._writer.close()
        self._writer = None
        self._in_file = 0

    def _open_stream(self, robot: str) -> int:
        path = self._folder / STREAM_FILE
        features = self._format.features()
        if path.exists():
            found = json.loads(path.read_text(encoding="utf-8"))
            if found["robot"] != robot or found["features"] != features:
                raise UserError(
                    f"{self._folder} holds the log of a {found['robot']} with other observations "
                    "or actions: choose another --logdir"
                )
            return int(found["stream"])
        if self._read_only:
            raise UserError(f"there is no log in {self._folder}: there is no {STREAM_FILE}")
        stream = secrets.randbits(52)  # JSON's numbers are exact up to 53 bits
        beside = path.with_suffix(".tmp")
        beside.write_text(
            json.dumps({"stream": stream, "robot": robot, "features": features}, indent=1),
            encoding="utf-8",
        )
        beside.replace(path)
        return stream

    def _find_end(self) -> tuple[int, int]:
        """Returns next_index and env_steps; its owner cuts what a kill has left half written."""
        for number in reversed(self._numbers()):
            path = self._path(number)
            records, size = _complete_records(path)
            if size < path.stat().st_size and not self._read_only:
                os.truncate(path, size)
            if records:
                return number + len(records), self._format.decode(records[-1])[1]
            if not self._read_only:
                path.unlink()
        return 0, 0

    def _missing(self, number: int) -> UserError:
        return UserError(f"the log {self._folder} has no record {number}: is a file missing?")

    def _numbers(self) -> list[int]:
        return sorted(int(path.stem) for path in self._folder.glob("*.tfrecord"))

    def _path(self, number: int) -> pathlib.Path:
        return self._folder / f"{number:09d}.tfrecord"


def _complete_records(path: pathlib.Path) -> tuple[list[bytes], int]:
    """The records of a file up to the first that is not complete, and their bytes in the file."""
    records: list[bytes] = []
    try:
        for data in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
            records.append(bytes(data))
    except tf.errors.DataLossError:
        pass  # what follows was never finished
    return records, sum(len(data) + _FRAME_BYTES for data in records)
