"""Reads recorded steps back, for a replay."""

from __future__ import annotations

import pathlib
from typing import Any, Callable, Dict, Iterator, Mapping, Sequence

import tensorflow as tf

from dreamer_tf.errors import UserError
from dreamer_tf.roles.episode_log import STREAM_FILE, EpisodeLog
from dreamer_tf.roles.rlds import Record, step_of

_BLOCK_STEPS = 256


def open_recording(
    folder: str, signature: Mapping[str, tf.TensorSpec], robot: str
) -> EpisodeLog:
    """Opens what `dreamer_tf.record`, or an actor, has written; changes nothing of it.

    Its owner may be writing: what comes later, or is not whole, is left out.

    Args:
      folder: with `stream.json` in it.
      signature: of a replay step of this run.
      robot: of this run.

    Raises:
      UserError: there is no recording, or it is of another robot or has other observations.
    """
    path = pathlib.Path(folder).expanduser()
    if not (path / STREAM_FILE).is_file():
        raise UserError(f"--demonstrations={folder} holds no recording: there is no {STREAM_FILE}")
    return EpisodeLog(path, signature, robot=robot, read_only=True)


def steps_of(log: EpisodeLog) -> Iterator[Dict[str, Any]]:
    """Yields the replay steps of a recording from its first on.

    Raises:
      UserError: a file is missing or damaged.
    """
    index = 0
    before: Record | None = None
    while index < log.next_index:
        for record, _ in log.read(index, _BLOCK_STEPS):
            yield step_of(record, before)
            before = record
            index += 1


def append_all(
    folders: Sequence[str],
    signature: Mapping[str, tf.TensorSpec],
    robot: str,
    append: Callable[[Dict[str, Any]], Any],
) -> int:
    """Gives every step of some recordings to a replay.

    Args:
      folders: one recording each.
      signature: of a replay step of this run.
      robot: of this run.
      append: takes a step.

    Returns:
      How many environment steps they were.

    Raises:
      UserError: see `open_recording` and `steps_of`; all folders are looked at before the first
        step is given.
    """
    logs = [open_recording(folder, signature, robot) for folder in folders]
    for log in logs:
        for step in steps_of(log):
            append(step)
    return sum(log.env_steps for log in logs)
