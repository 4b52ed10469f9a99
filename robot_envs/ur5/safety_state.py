"""What a UR controller's safety system allows, emulated."""

from __future__ import annotations

from typing import Dict

from robot_envs.ur5.safety_modes import MODES

NORMAL, REDUCED, PROTECTIVE_STOP, EMERGENCY_STOP, FAULT = (
    'NORMAL', 'REDUCED', 'PROTECTIVE_STOP', 'ROBOT_EMERGENCY_STOP', 'FAULT')
_NAMES = {number: name for name, number in MODES.items()}
_STOPPED = 1 << 10
_BITS = {NORMAL: 1 << 0, REDUCED: 1 << 1, PROTECTIVE_STOP: 1 << 2 | _STOPPED,
         FAULT: 1 << 9 | _STOPPED, EMERGENCY_STOP: 1 << 6 | 1 << 7 | _STOPPED}
POWER_OFF, IDLE, RUNNING = 'POWER_OFF', 'IDLE', 'RUNNING'
ROBOT_MODES = {POWER_OFF: 3, IDLE: 5, RUNNING: 7}  # RTDE's robot_mode.
_UNLOCK_SECONDS = 5.0
_POWER_SECONDS = 0.4


class SafetyState:
    """Faults on command, and the way back that the dashboard server offers.

    Attributes:
        mode: of the safety system, of `safety_modes.MODES`.
        robot_mode: of `ROBOT_MODES`.
    """

    def __init__(self):
        """The robot is on, its brakes are released."""
        self.mode = NORMAL
        self.robot_mode = RUNNING
        self._since = 0.0
        self._popup = False
        self._is_ordered = False  # The mode.
        self._changing = ('', 0.0)  # The robot mode to come, and when.

    @property
    def may_move(self) -> bool:
        """Whether programs run."""
        return self.mode in (NORMAL, REDUCED) and self.robot_mode == RUNNING

    @property
    def bits(self) -> int:
        """RTDE's safety_status_bits."""
        return _BITS.get(self.mode, _STOPPED)

    def step(self, orders: Dict[str, float], now: float) -> None:
        """Takes faults from `orders`, {name: value}; those that happen once leave it."""
        if orders.pop('protective_stop', 0) and self.mode == NORMAL:
            self.mode, self._since, self._popup = PROTECTIVE_STOP, now, True
        if orders.pop('safety_fault', 0) and self.mode != EMERGENCY_STOP:
            self._fall(FAULT)
        if orders.get('emergency_stop'):
            self._fall(EMERGENCY_STOP)
        elif self.mode == EMERGENCY_STOP:
            self.mode = NORMAL
        ordered = _NAMES.get(int(orders.get('safety_mode', 0)), NORMAL)
        if ordered != NORMAL or self._is_ordered:
            self.mode = ordered
        self._is_ordered = ordered != NORMAL
        mode, due = self._changing
        if mode and now >= due:
            self.robot_mode, self._changing = mode, ('', 0.0)

    def obey(self, command: str, now: float) -> str:
        """Returns the dashboard's answer to one of the commands that are about safety; '' else."""
        if command == 'close safety popup':
            self._popup = False
            return 'closing safety popup'
        if command == 'unlock protective stop':
            return self._unlock(now)
        if command == 'restart safety':
            if self.mode == FAULT:
                self.mode = NORMAL
            return 'Restarting safety'
        if command == 'power on' and self.mode == NORMAL:
            if self.robot_mode == POWER_OFF:
                self._changing = (IDLE, now + _POWER_SECONDS)
            return 'Powering on'
        if command == 'brake release' and self.mode == NORMAL:
            if self.robot_mode != RUNNING:
                self._changing = (RUNNING, now + _POWER_SECONDS)
            return 'Brake releasing'
        return ''

    def _fall(self, mode: str) -> None:
        self.mode, self.robot_mode, self._changing = mode, POWER_OFF, ('', 0.0)

    def _unlock(self, now: float) -> str:
        if self.mode == PROTECTIVE_STOP and now - self._since < _UNLOCK_SECONDS:
            return ('Cannot unlock protective stop until 5s after occurrence. Always inspect cause '
                    'of protective stop before unlocking')
        if self.mode == PROTECTIVE_STOP and not self._popup:
            self.mode = NORMAL
        return 'Protective stop releasing'
