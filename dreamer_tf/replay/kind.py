"""How an agent wants to be served from the replay; known without importing TensorFlow."""

from __future__ import annotations

import enum


class ReplayKind(enum.Enum):
    """What the table draws.

    Attributes:
      UNIFORM: any sequence, all alike, again and again.
      PRIORITISED: sequences in proportion to a power of the priority that the last update gave
        them (Schaul et al., arXiv 1511.05952).
      ON_POLICY: every sequence once, in the order in which they were written. A sequence begins
        with the step that the one before ended with.
    """

    UNIFORM = "uniform"
    PRIORITISED = "prioritised"
    ON_POLICY = "on_policy"
