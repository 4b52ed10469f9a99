"""The emulator's packets against spherov2's own, and its watchdogs."""

import pytest

from robot_envs.errors import RobotError
from robot_envs.sphero import v1_packets as v1
from robot_envs.sphero.connection import SpheroConnection
from robot_envs.sphero.emulated_ollie import EmulatedOllie
from robot_envs.sphero.limits import SpheroLimits

control = pytest.importorskip('spherov2.controls.v1')
WORD = '22bb746f-2bbd-7554-2d6f-726568705327', b'011i3'
COMMANDS = '22bb746f-2ba1-7554-2d6f-726568705327'


def _request(device, command, sequence, data=b''):
    return bytes(control.Packet.Request(device, command, sequence, bytearray(data)).build())


def test_requests_of_spherov2_in_pieces():
    packets = _request(2, 51, 7, bytes([1, 70, 2, 35])) + _request(0, 1, 255)
    collector = v1.RequestCollector()
    found = []
    for start in range(0, len(packets), 3):
        found += collector.add(packets[start:start + 3])
    assert found == [v1.Request(2, 51, 7, bytes([1, 70, 2, 35]), True, True),
                     v1.Request(0, 1, 255, b'', True, True)]
    spoilt = bytearray(_request(0, 1, 3))
    spoilt[-1] ^= 0xFF
    assert [request.is_valid for request in collector.add(bytes(spoilt))] == [False]


def test_spherov2_reads_our_answers():
    came = []
    collector = control.Packet.Collector(came.append)
    collector.add(bytearray(v1.answer(v1.OK, 9, b'\x01\x02') + v1.answer(v1.UNKNOWN_COMMAND, 10)))
    assert [(packet.mrsp, packet.seq, bytes(packet.data)) for packet in came] == [
        (0, 9, b'\x01\x02'), (4, 10, b'')]


def test_the_robots_own_watchdogs():
    ollie = EmulatedOllie()
    ollie.connect()
    drive = _request(2, 51, 1, bytes([1, 70, 2, 35]))
    assert ollie.write(COMMANDS, drive, 0.0) == []  # Not before the word.
    ollie.write(*WORD, 0.0)
    assert ollie.write(COMMANDS, drive, 1.0) == [v1.answer(v1.OK, 1)]
    ollie.step(100.0)
    ollie.disconnect()
    assert ollie.motors == (70, -35)  # Neither is on before a client switches it on.
    ollie.connect()
    ollie.write(*WORD, 0.0)
    ollie.write(COMMANDS, _request(2, 53, 2, (0x10).to_bytes(4, 'big')), 0.0)
    ollie.write(COMMANDS, _request(2, 52, 3, (1500).to_bytes(2, 'big')), 0.0)
    ollie.write(COMMANDS, _request(2, 55, 4, (1).to_bytes(4, 'big')), 0.0)
    ollie.write(COMMANDS, drive, 10.0)
    ollie.step(11.4)
    assert ollie.motors == (70, -35)
    ollie.step(11.6)
    assert ollie.motors == (0, 0)
    ollie.write(COMMANDS, drive, 20.0)
    ollie.disconnect()
    assert ollie.motors == (0, 0)


@pytest.mark.parametrize('make,settings', [
    (SpheroLimits, {'motor_raw': 300}), (SpheroLimits, {'motor_raw': 0}),
    (SpheroLimits, {'longest_seconds': 0.01}), (SpheroLimits, {'motion_timeout_seconds': 1.3}),
    (SpheroLimits, {'grace_seconds': -1.0}), (SpheroConnection, {'emulator': 'nonsense'}),
    (SpheroConnection, {'answer_seconds': 0.0})])
def test_wrong_settings_are_one_line(make, settings):
    with pytest.raises(RobotError, match=make.__name__):
        make(**settings)
