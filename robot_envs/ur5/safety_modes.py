"""What a UR controller's safety modes mean for a program that drives the arm."""

from __future__ import annotations

from typing import Optional

from robot_envs.guardian.fault import Fault

# Universal Robots: RTDE guide, "safety_mode". The dashboard's `safetystatus` says these words.
UNKNOWN = 0
MODES = {
    'NORMAL': 1,
    'REDUCED': 2,
    'PROTECTIVE_STOP': 3,
    'RECOVERY': 4,
    'SAFEGUARD_STOP': 5,
    'SYSTEM_EMERGENCY_STOP': 6,
    'ROBOT_EMERGENCY_STOP': 7,
    'VIOLATION': 8,
    'FAULT': 9,
    'VALIDATE_JOINT_ID': 10,
    'UNDEFINED_SAFETY_MODE': 11,
    'AUTOMATIC_MODE_SAFEGUARD_STOP': 12,
    'SYSTEM_THREE_POSITION_ENABLING_STOP': 13,
}
PROTECTIVE_STOP, VIOLATION, FAULT = MODES['PROTECTIVE_STOP'], MODES['VIOLATION'], MODES['FAULT']
_WELL = (MODES['NORMAL'], MODES['REDUCED'])
# What is wrong, and whether only a person may go on.
_WRONG = {
    3: ('protective_stop', 'a protective stop', False),
    4: ('recovery_mode', 'recovery mode: the arm is beyond its safety limits, bring it back by '
        'hand', True),
    5: ('safeguard_stop', 'a safeguard stop', True),
    6: ('emergency_stop', 'an emergency stop of the system', True),
    7: ('emergency_stop', 'the emergency stop is pressed', True),
    8: ('safety_fault', 'a violation of a safety limit', False),
    9: ('safety_fault', 'a fault of the safety system', False),
    10: ('joint_check', 'the controller wants its joints checked at its panel', True),
    11: ('safety_mode', 'the controller does not know its safety mode', True),
    12: ('safeguard_stop', 'a safeguard stop of the automatic mode', True),
    13: ('three_position', 'the three-position switch', True),
}


def mode_of(answer: str) -> int:
    """Returns the mode that an answer to `safetystatus` ends with, `UNKNOWN` if it is no mode."""
    words = answer.split()
    return MODES.get(words[-1], UNKNOWN) if words else UNKNOWN


def wrong_with(mode: int, answer: str = '') -> Optional[Fault]:
    """Returns what is wrong in a safety mode; a mode that nobody knows is for a person.

    Args:
        mode: of the safety system.
        answer: of the dashboard, if the mode was read from it; it is told where it is not known.
    """
    if mode in _WELL:
        return None
    unknown = ('safety_mode', f'a safety mode that this program does not know ({answer or mode})',
               True)
    name, text, person = _WRONG.get(mode, unknown)
    return Fault(name, f'ur5: {text}', person)
