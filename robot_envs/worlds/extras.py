"""Packages that a user may lack, and names that he may have misspelt."""

from __future__ import annotations

import difflib
import importlib
from types import ModuleType
from typing import Sequence

from robot_envs.errors import RobotError


def import_extra(module: str, extra: str) -> ModuleType:
    """Returns the imported `module` of the optional extra `extra` (pyproject.toml).

    Raises:
        RobotError: its package is not installed; the line names the extra.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        if error.name is None or error.name.partition(".")[0] != package:
            raise
        raise RobotError(
            f"the package {package} is not installed; it is the extra '{extra}': "
            f"pip install 'dreamer_tf[{extra}]' (in the source tree: make setup-dev)"
        ) from error


def near(name: str, known: Sequence[str], count: int = 6) -> str:
    """Returns the names in `known` that look most like `name`, for an error line.

    Args:
        name: what the user wrote.
        known: what there is, at least one.
        count: how many at most.
    """
    lower = {other.lower(): other for other in known}
    close = difflib.get_close_matches(name.lower(), list(lower), count, cutoff=0.5)
    found = [lower[key] for key in close]
    head = name.partition("_")[0].partition("-")[0].lower()
    found += [other for other in known if head and other.lower().startswith(head)]
    found = list(dict.fromkeys(found or sorted(known)))
    return ", ".join(found[:count])
