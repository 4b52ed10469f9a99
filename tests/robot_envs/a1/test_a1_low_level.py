"""The packets of the A1's motor board, against offsets and checksums found by hand."""

import struct

import numpy as np
import pytest

from robot_envs.a1 import low_level
from robot_envs.a1.low_level import LOW_COMMAND, LOW_STATE, unseal


def _slow_crc(words):
    """Bit by bit, as in the equation."""
    crc = 0xFFFFFFFF
    for word in words:
        for bit in range(31, -1, -1):
            carry = crc >> 31
            crc = (crc << 1) & 0xFFFFFFFF
            if carry != (word >> bit & 1):
                crc ^= 0x04C11DB7
    return crc


@pytest.mark.parametrize('words', [[0], [1], [0x31323334, 0xDEADBEEF], list(range(151))])
def test_crc_is_the_slow_one(words):
    assert low_level.crc32(struct.pack(f'<{len(words)}I', *words)) == _slow_crc(words)


def test_crc_of_known_words():
    """It is CRC-32/MPEG-2 with the bytes of each word turned round; zeros have none to turn."""
    assert low_level.crc32(bytes(4)) == 0xC704DD7B
    with pytest.raises(ValueError):
        low_level.crc32(bytes(5))


@pytest.mark.parametrize('layout,size', [(LOW_COMMAND, 610), (LOW_STATE, 771)])
def test_sizes(layout, size):
    assert layout.itemsize == size


@pytest.mark.parametrize('name,offset', [
    ('level', 0), ('motor', 10), ('led', 550), ('remote', 562), ('reserve', 602), ('crc', 606)])
def test_offsets_of_a_command(name, offset):
    assert LOW_COMMAND.fields[name][1] == offset


@pytest.mark.parametrize('name,offset', [
    ('quaternion', 10), ('gyro', 26), ('accelerometer', 38), ('rpy', 50), ('temperature', 62),
    ('motor', 63), ('foot_force', 703), ('tick', 719), ('reserve', 763), ('crc', 767)])
def test_offsets_of_a_state(name, offset):
    assert LOW_STATE.fields[name][1] == offset


def test_servo_command_byte_by_byte():
    angles = np.arange(12) / 10
    data = low_level.servo_command(angles, kp=(80, 81, 82), kd=(1, 2, 3))
    assert data[0] == 0xFF
    for motor in range(12):
        start = 10 + 27 * motor
        mode, q, dq, tau, kp, kd = struct.unpack_from('<Bffhhh', data, start)
        assert (mode, dq, tau) == (0x0A, 0, 0)
        assert q == pytest.approx(angles[motor])
        assert (kp, kd) == ((80 + motor % 3) * 32, (1 + motor % 3) * 16)
    assert struct.unpack_from('<I', data, 606)[0] == _slow_crc(struct.unpack('<151I', data[:604]))


def test_damping_command_asks_for_nothing():
    motors = unseal(low_level.damping_command(), LOW_COMMAND)['motor']
    assert not motors['mode'].any() and not motors['kp'].any() and not motors['kd'].any()
    np.testing.assert_allclose(motors['q'], 2.146e9)
    np.testing.assert_allclose(motors['dq'], 16000)


def test_state_byte_by_byte():
    data = bytearray(771)
    struct.pack_into('<4f3f3f', data, 10, .5, .5, .5, -.5, .1, .2, .3, 1, 2, 9)
    struct.pack_into('<Bffhhffhb', data, 63 + 32 * 11, 0x0A, -1.8, .7, 3, -512, 1, 2, 4, 55)
    struct.pack_into('<4h', data, 703, 10, 20, 30, -40)
    struct.pack_into('<I', data, 719, 123456)
    struct.pack_into('<I', data, 767, _slow_crc(struct.unpack('<191I', bytes(data[:764]))))
    state = unseal(bytes(data), LOW_STATE)
    np.testing.assert_allclose(state['quaternion'], [.5, .5, .5, -.5])
    np.testing.assert_allclose(state['gyro'], [.1, .2, .3], rtol=1e-6)
    np.testing.assert_allclose(state['accelerometer'], [1, 2, 9])
    motor = state['motor'][11]
    assert motor['q'] == pytest.approx(-1.8) and motor['dq'] == pytest.approx(.7)
    assert motor['tau'] / low_level.TORQUE_SCALE == -2 and motor['temperature'] == 55
    assert state['foot_force'].tolist() == [10, 20, 30, -40] and state['tick'] == 123456


def test_round_trip_of_a_state():
    packet = np.zeros((), LOW_STATE)
    packet['motor']['q'][:12] = np.linspace(-1, 1, 12)
    packet['tick'] = 7
    assert unseal(low_level.seal(packet), LOW_STATE) == packet


def test_wrong_packets_are_refused():
    data = low_level.damping_command()
    with pytest.raises(ValueError, match='609 bytes instead of 610'):
        unseal(data[:-1], LOW_COMMAND)
    with pytest.raises(ValueError, match='checksum'):
        unseal(data[:100] + bytes([data[100] ^ 1]) + data[101:], LOW_COMMAND)
    packet = np.zeros((), LOW_STATE)
    packet['motor']['q'][3] = np.nan
    with pytest.raises(ValueError, match='not finite'):
        unseal(low_level.seal(packet), LOW_STATE)
