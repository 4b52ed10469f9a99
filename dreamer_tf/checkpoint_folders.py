"""The folders of a run's checkpoints, looked at without TensorFlow."""
from __future__ import annotations

import os
import pathlib
import re
from typing import List, Tuple

STATE = 'state.json'
_NAME = re.compile(r'\d{9,}(\.\d+)?')


def complete(folder: os.PathLike) -> List[pathlib.Path]:
    """Returns the complete checkpoints in `folder`, oldest first; none if it is not there."""
    return [path for path in named(folder) if (path / STATE).is_file()]


def named(folder: os.PathLike) -> List[pathlib.Path]:
    """Returns what in `folder` has a checkpoint's name, in the order of `order`."""
    folder = pathlib.Path(folder)
    if not folder.is_dir():
        return []
    return sorted((path for path in folder.iterdir() if _NAME.fullmatch(path.name)), key=order)


def order(path: pathlib.Path) -> Tuple[int, int]:
    """Returns a checkpoint's environment steps, and how many had been saved at them before."""
    steps, _, count = path.name.partition('.')
    return int(steps), int(count or 0)


def newest_steps(folder: os.PathLike) -> int:
    """Returns the environment steps of the newest complete checkpoint, 0 when there is none.

    It may be damaged, as only its name is looked at; see `checkpoints.newest_readable`.
    """
    paths = complete(folder)
    return order(paths[-1])[0] if paths else 0
