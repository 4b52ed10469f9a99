"""The faults of every emulated robot, and when each must have ended in the safe state."""

from typing import Any, Callable, Dict, NamedTuple, Tuple

from robot_envs import registry
from robot_envs.sphero import radio_protocol

# What the emulated controllers do by themselves, whatever the limits of our side.
A1_MOTOR_SECONDS = 0.05  # Without a packet its motors damp.
XARM_SERVO_SECONDS = 0.2  # Without a target it stands.
BATTERY_SECONDS = 5.0  # So often the Ollie is asked.


class InForce(NamedTuple):
    """Limits of a robot that was made, in seconds.

    Attributes:
      period: of control, a step of its environment.
      stale: sensors may be this old.
      camera: a picture may be this old.
      frozen: a picture may stay the same for so long.
      link: the Ollie may be silent for so long.
      answer: it is not told anything while it is waited for, at most so long.
      watchdog: without a target for so long the arm's controller stops by itself.
    """

    period: float
    stale: float = 0.0
    camera: float = 0.0
    frozen: float = 0.0
    link: float = 0.0
    answer: float = 0.0
    watchdog: float = 0.0

    @property
    def observation(self):
        """The most that the age of an observation may be."""
        return self.stale or self.camera


def in_force(name, robot) -> InForce:
    """Returns the limits of `robot`, the hardware of the emulated robot `name`."""
    settings, period = robot._settings, 1 / registry.get(name).rate_hz
    limits, connection = settings["limits"], settings["connection"]
    if name == "a1":
        return InForce(period, stale=limits["stale_seconds"])
    if name == "sphero":
        camera = settings["camera"]
        return InForce(period, camera=camera["stale_seconds"], frozen=camera["frozen_seconds"],
                       link=limits["link_seconds"], answer=connection["answer_seconds"])
    watchdog = 1 / connection["watchdog_hz"] if name == "ur5" else XARM_SERVO_SECONDS
    return InForce(period, stale=limits["stale_seconds"], watchdog=watchdog,
                   camera=robot._camera_settings.stale_seconds)


class Case(NamedTuple):
    """A fault.

    Attributes:
      order: to the emulator.
      noticed: limits in force -> seconds until somebody must have noticed it, and, when the
        transport is slow, until their word is there.
      person: whether only a person may go on.
    """

    order: str
    noticed: Callable[[InForce], float]
    person: bool = False

    def within(self, limits: InForce) -> float:
        """Seconds from the order to the safe state: noticed, and a control period."""
        return self.noticed(limits) + limits.period

    @property
    def latency(self):
        """Seconds that the fault adds to the transport."""
        name, value = self.order.split()
        return float(value) if name == "latency" else 0.0

    @property
    def under_way(self):
        """Seconds for which commands from before the fault may still arrive."""
        return self.latency + 0.3 if self.latency else 0.0


class Robot(NamedTuple):
    """A robot of the matrix.

    Attributes:
      is_safe: whether it is in its safe state, from the emulator's truth.
      since: what of the truth says since when.
      cases: its faults.
    """

    is_safe: Callable[[Dict[str, Any]], bool]
    since: str
    cases: Tuple[Case, ...]


def _is_not_driven(truth):
    return not truth["servo"]


def _at_once(limits):
    del limits
    return 0.0


def _stale(limits):
    return limits.stale


def _watchdog(limits):
    return limits.watchdog


def _motor_board(limits):
    del limits
    return A1_MOTOR_SECONDS


def _link(limits):
    return limits.link + limits.answer


_ARM = (Case("frozen_camera 1", lambda limits: limits.camera),
        # What was under way comes after the watchdog, until a stop does that went as slowly.
        Case("latency 1.5", lambda limits: max(limits.watchdog, limits.stale) + 1.5),
        Case("disconnect 1", _watchdog), Case("hang_up 1", _watchdog),
        Case("emergency_stop 1", _at_once, person=True))
ROBOTS: Dict[str, Robot] = {
    "a1": Robot(_is_not_driven, "damped_since", (
        Case("temperature 90", _at_once, person=True), Case("frozen 1", _stale),
        Case("crc 1", _stale), Case("lost 1", _motor_board), Case("disconnect 1", _motor_board),
        Case("latency 0.5", lambda limits: limits.stale + 0.5))),
    "sphero": Robot(lambda truth: truth["motors"] == [0, 0], "off_since", (
        Case("frozen_camera 1", lambda limits: max(limits.frozen, limits.camera)),
        Case("battery 1", lambda limits: BATTERY_SECONDS + limits.answer, person=True),
        Case("disconnect 1", lambda limits: radio_protocol.SUPERVISION_SECONDS),
        Case("latency 0.8", lambda limits: limits.camera + limits.answer + 0.8),
        Case("lost 1", lambda limits: radio_protocol.SUPERVISION_SECONDS),
        Case("crc 1", _link), Case("frozen 1", _link))),
    "ur5": Robot(_is_not_driven, "stopped_since", (
        Case("protective_stop 1", _at_once), Case("safety_fault 1", _at_once),
        Case("frozen 1", _stale), *_ARM)),
    "xarm": Robot(_is_not_driven, "stopped_since", (
        Case("error 31", _at_once), Case("error 23", _at_once), *_ARM)),
}
