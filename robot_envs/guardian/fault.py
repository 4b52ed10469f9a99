"""What ends a robot's movement."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Fault:
    """Something that must bring the robot to its safe state, and stays until it is recovered.

    Attributes:
        name: one word, such as 'stale'.
        text: what was found, with numbers and units.
        person: whether only a person may go on from it; otherwise a program may, some times.
    """

    name: str
    text: str
    person: bool = False
