"""One thing that is wrong, or worth knowing."""

from __future__ import annotations

from typing import NamedTuple


class Finding(NamedTuple):
    """What a check has found.

    Attributes:
        check: its name, one word.
        text: one line: what was expected, what was found, what to do.
        error: whether it must be repaired; else it is only worth knowing.
    """

    check: str
    text: str
    error: bool = True


def reason(error: BaseException) -> str:
    """Returns the first line of an exception with its kind."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0].strip() if lines else '(no message)'}"
