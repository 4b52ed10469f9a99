"""The variables of the system for processes that this package starts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Dict

_ROOT = Path(__file__).parents[1]


def child_environment() -> Dict[str, str]:
    """Returns this process's variables with this package where the child's Python finds it first.

    A program may have been started anywhere, and have found the package by a path of its own.
    """
    environment = dict(os.environ)
    environment['PYTHONPATH'] = os.pathsep.join(
        [str(_ROOT), *filter(None, [environment.get('PYTHONPATH')])])
    return environment
