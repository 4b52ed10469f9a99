"""The real arm, as the task sees it."""

from __future__ import annotations

from typing import Dict

import gin

from examples.my_robot import constants
from robot_envs.guardian.hardware import GuardedHardware


@gin.configurable
class ReacherHardware(GuardedHardware):
    """The arm behind its guardian, which alone talks to it. See `constants.py`."""

    def __init__(
        self,
        *,
        address: str = "192.168.1.20",
        port: int = 9000,
        fastest: float = constants.SPEED_AT_FULL_ACTION_RADIANS_PER_SECOND,
        longest_seconds: float = 0.5,
        stale_seconds: float = 0.1,
        connect_seconds: float = 5.0,
    ):
        """Does not talk to the board yet; the arguments are those of `GuardedReacher`.

        Args:
            address: of the board.
            port: of the board.
            fastest: speed of a joint, in radians a second.
            longest_seconds: of a command.
            stale_seconds: sensors may be this old.
            connect_seconds: how long to wait for the board's first word.
        """
        settings = {"address": address, "port": port, "fastest": fastest,
                    "longest_seconds": longest_seconds, "stale_seconds": stale_seconds}
        super().__init__("examples.my_robot.guarded_reacher", settings,
                         connect_seconds=connect_seconds, recover_seconds=2.0)
        self._at = f"{address}:{port}"

    def _silence(self, counts: Dict[str, int]) -> str:
        return (f"reacher: no answer from {self._at} ({counts['bad_packets']} wrong packets): is "
                "it on? ReacherHardware.address is the setting")
