"""Settings of a robot, given on a command line."""

from __future__ import annotations

import importlib.util  # noqa: F401  gin 0.5.0 uses importlib.util without importing it
from typing import Sequence

import gin

from robot_envs.errors import RobotError
from robot_envs.registry import RobotEntry


def bind(entry: RobotEntry, backend: str, bindings: Sequence[str]) -> None:
    """Lets gin hold `bindings`, such as 'A1Connection.address = "192.168.123.10"'.

    What it holds already stays, also where somebody has read a run's settings and locked it.

    Args:
        entry: whose settings they are.
        backend: its modules are imported first, so that gin knows their names.
        bindings: one setting each; later ones win.

    Raises:
        RobotError: there is no such setting, or it cannot be read.
    """
    with gin.unlock_config():
        entry.factory(backend)
        for binding in bindings:
            try:
                gin.parse_config(binding)
            except (ValueError, SyntaxError) as error:
                reason = ' '.join(str(error).split())[:160]
                raise RobotError(f'the setting {binding!r} cannot be used: {reason}') from error
