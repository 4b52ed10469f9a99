"""The folders of a run's checkpoints, looked at without TensorFlow."""
from __future__ import annotations

import os
import pathlib
import re
from typing import List

STATE = 'state.json'


def complete(folder: os.PathLike) -> List[pathlib.Path]:
    """Returns the complete checkpoints in `folder`, oldest first; none if it is not there."""
    folder = pathlib.Path(folder)
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir()
                  if re.fullmatch(r'\d{9}(\.\d+)?', path.name) and (path / STATE).is_file())


def newest_steps(folder: os.PathLike) -> int:
    """Returns the environment steps of the newest complete checkpoint, 0 when there is none."""
    paths = complete(folder)
    return int(paths[-1].name.split('.')[0]) if paths else 0
