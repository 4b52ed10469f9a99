"""The A1's motor board may be switched off and on: its tick starts again, and nothing else."""

import socket

import numpy as np
import pytest

from robot_envs.a1 import constants as c
from robot_envs.a1 import low_level
from robot_envs.a1.connection import A1Connection
from robot_envs.a1.guarded_a1 import GuardedA1
from robot_envs.a1.limits import A1Limits


class Board:
    """Sends states with the tick that it is told; the guardian's clock is given too."""

    def __init__(self):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(('127.0.0.1', 0))
        self._socket.settimeout(5)
        address, port = self._socket.getsockname()
        self.robot = GuardedA1(A1Connection(address=address, port=port, local_port=0), A1Limits())
        self.robot.damp()
        _, self._client = self._socket.recvfrom(2048)

    def send(self, tick_seconds, now, hip=0.0):
        """Sends a state and returns what the guardian's end finds wrong with it."""
        packet = np.zeros((), low_level.LOW_STATE)
        packet['quaternion'] = [1, 0, 0, 0]
        packet['motor'][:c.NUM_JOINTS]['q'] = c.STANDING_RADIANS
        packet['motor'][0]['q'] = hip
        packet['tick'] = round(tick_seconds * 1000)
        self._socket.sendto(low_level.seal(packet), self._client)
        return self.robot.receive(now)

    def close(self):
        self.robot.close()
        self._socket.close()


@pytest.fixture
def board():
    board = Board()
    yield board
    board.close()


def test_after_a_restart_of_the_board_the_sensors_are_not_old(board):
    for step in range(50):
        assert board.send(3600 + 0.002 * step, 0.002 * step) is None
    fault = board.robot.receive(0.5)
    assert fault.name == 'stale'
    for step in range(50):
        assert board.send(0.5 + 0.002 * step, 5.0 + 0.002 * step, hip=0.1) is None
    reading = board.robot.reading(5.098)
    assert reading['age'] == pytest.approx(0, abs=1e-3)
    assert reading['values']['joint_angles'][0] == pytest.approx(0.1)
    assert board.robot.receive(5.2).name == 'stale'


def test_an_overtaken_packet_is_not_read(board):
    board.send(10.0, 0.0)
    board.send(10.002, 0.002, hip=0.1)
    board.send(10.001, 0.003, hip=-0.1)
    assert board.robot.reading(0.003)['values']['joint_angles'][0] == pytest.approx(0.1)
    board.send(8.0, 0.004, hip=-0.1)  # However late it is.
    assert board.robot.reading(0.004)['values']['joint_angles'][0] == pytest.approx(0.1)


def test_a_tick_that_stands_is_old(board):
    for step in range(10):
        board.send(10.0, 0.01 * step)
    assert board.robot.reading(0.09)['age'] == pytest.approx(0.09, abs=1e-3)
    assert board.send(10.0, 0.1).name == 'stale'
