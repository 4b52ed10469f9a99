"""The A1's low-level packets as data: what its motor board takes and gives over UDP.

Little-endian and packed. Taken from a public binary of the vendor's, never tried on a robot.
Motors 0 to 11 are the joints of `constants.py`; 12 to 19 do not exist on an A1.
"""

from __future__ import annotations

import zlib
from typing import Sequence

import numpy as np

from robot_envs.a1 import constants

ROBOT_PORT = 8007
LOCAL_PORT = 8080
NUM_MOTORS = 20
SERVO_MODE = 0x0A
DAMPING_MODE = 0x00
LOW_LEVEL = 0xFF
# What a motor reads as "no position" and "no velocity".
NO_POSITION = 2.146e9
NO_VELOCITY = 16000.0
# Fixed-point numbers: an integer is the value times this.
TORQUE_SCALE = 256
KP_SCALE = 32
KD_SCALE = 16

_MOTOR_COMMAND = np.dtype([
    ('mode', 'u1'), ('q', '<f4'), ('dq', '<f4'), ('tau', '<i2'), ('kp', '<i2'), ('kd', '<i2'),
    ('reserve', '<u4', 3)])
LOW_COMMAND = np.dtype([
    ('level', 'u1'), ('head', 'u1', 9), ('motor', _MOTOR_COMMAND, NUM_MOTORS), ('led', 'u1', 12),
    ('remote', 'u1', 40), ('reserve', '<u4'), ('crc', '<u4')])
_MOTOR_STATE = np.dtype([
    ('mode', 'u1'), ('q', '<f4'), ('dq', '<f4'), ('ddq', '<i2'), ('tau', '<i2'), ('q_raw', '<f4'),
    ('dq_raw', '<f4'), ('ddq_raw', '<i2'), ('temperature', 'i1'), ('reserve', '<u4', 2)])
LOW_STATE = np.dtype([
    ('level', 'u1'), ('head', 'u1', 9), ('quaternion', '<f4', 4), ('gyro', '<f4', 3),
    ('accelerometer', '<f4', 3), ('rpy', '<f4', 3), ('temperature', 'i1'),
    ('motor', _MOTOR_STATE, NUM_MOTORS), ('foot_force', '<i2', 4), ('foot_force_est', '<i2', 4),
    ('tick', '<u4'), ('remote', 'u1', 40), ('reserve', '<u4'), ('crc', '<u4')])

_MIRRORED = bytes(int(f'{byte:08b}'[::-1], 2) for byte in range(256))


def crc32(words: bytes) -> int:
    """Returns the checksum of little-endian u32 words.

    Start 0xFFFFFFFF, polynomial 0x04C11DB7, most significant bit first, no final xor. zlib has the
    mirror image of it: bits go in mirrored, and the register comes out mirrored and inverted.

    Raises:
        ValueError: not a whole number of words.
    """
    swapped = np.frombuffer(words, '<u4').byteswap().tobytes()
    mirrored = zlib.crc32(swapped.translate(_MIRRORED)) ^ 0xFFFFFFFF
    return int.from_bytes(mirrored.to_bytes(4, 'little').translate(_MIRRORED), 'big')


def seal(packet: np.ndarray) -> bytes:
    """Returns the bytes of a `LOW_COMMAND` or `LOW_STATE`, (), with its checksum in place."""
    packet['crc'] = crc32(packet.tobytes()[:_checked_bytes(packet.dtype)])
    return packet.tobytes()


def unseal(data: bytes, layout: np.dtype) -> np.ndarray:
    """Returns the packet in `data`, () of dtype `layout`: `LOW_COMMAND` or `LOW_STATE`.

    Raises:
        ValueError: wrong size, wrong checksum, or a number that is not finite.
    """
    if len(data) != layout.itemsize:
        raise ValueError(f'a packet of {len(data)} bytes instead of {layout.itemsize}')
    packet = np.frombuffer(data, layout)[0]
    if crc32(data[:_checked_bytes(layout)]) != packet['crc']:
        raise ValueError('a packet with a wrong checksum')
    floats = [packet['motor']['q'], packet['motor']['dq']]
    if layout is LOW_STATE:
        floats += [packet['quaternion'], packet['gyro'], packet['accelerometer']]
    if not np.isfinite(np.concatenate(floats)).all():
        raise ValueError('a packet with a number that is not finite')
    return packet


def servo_command(angles: np.ndarray, kp: Sequence[float], kd: Sequence[float]) -> bytes:
    """Returns the packet that servos the joints to `angles`.

    Args:
        angles: (12,) in radians.
        kp: of hip, thigh and calf, in newton metres a radian.
        kd: of hip, thigh and calf, in newton metre seconds a radian.
    """
    packet = _empty_command()
    joints = packet['motor'][:constants.NUM_JOINTS]
    joints['mode'] = SERVO_MODE
    joints['q'] = angles
    joints['dq'] = 0
    joints['kp'] = np.tile(np.round(np.multiply(kp, KP_SCALE)), constants.NUM_LEGS)
    joints['kd'] = np.tile(np.round(np.multiply(kd, KD_SCALE)), constants.NUM_LEGS)
    return seal(packet)


def damping_command() -> bytes:
    """Returns the packet that lets the joints give way slowly."""
    return seal(_empty_command())


def _empty_command() -> np.ndarray:
    packet = np.zeros((), LOW_COMMAND)
    packet['level'] = LOW_LEVEL
    packet['motor']['q'] = NO_POSITION
    packet['motor']['dq'] = NO_VELOCITY
    return packet


def _checked_bytes(layout: np.dtype) -> int:
    """Returns how many bytes the checksum covers: all whole words of the packet but the last."""
    return (layout.itemsize // 4 - 1) * 4
