"""What a driver raises when its arm cannot go on."""

from __future__ import annotations

from robot_envs.guardian.fault import Fault


class DriverError(Exception):
    """Carries the fault that the guardian shall latch.

    Attributes:
        fault: what is wrong.
    """

    def __init__(self, fault: Fault):
        """Keeps the fault."""
        super().__init__(fault.text)
        self.fault = fault
