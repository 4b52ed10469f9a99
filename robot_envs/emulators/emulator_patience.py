"""Whether limits of lateness are wider for emulated robots."""

from __future__ import annotations

import dataclasses
import importlib.util  # noqa: F401  gin 0.5.0 uses importlib.util without importing it

import gin


@gin.configurable
@dataclasses.dataclass(frozen=True)
class EmulatorPatience:
    """An emulator shares the machine with a learner: everything may be later than on the robot.

    Attributes:
        on: whether it may; without, the robot's own limits hold, which takes free cores.
    """

    on: bool = True

    def seconds(self, own: float, patient: float) -> float:
        """Returns the limit in force: the robot's `own`, or at least the `patient` one."""
        return max(own, patient) if self.on else own
