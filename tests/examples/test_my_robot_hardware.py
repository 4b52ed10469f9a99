"""The example's backend for the hardware: behind a real guardian, with a board that is a thread."""

import json
import socket
import threading
import time

import gin
import numpy as np
import pytest

from examples.my_robot import ROBOT, constants
from examples.my_robot.environment import ReacherEnvironment
from examples.my_robot.guarded_reacher import GuardedReacher
from examples.my_robot.hardware import ReacherHardware
from examples.my_robot.twin import ReacherTwin
from robot_envs import registry
from robot_envs.errors import RobotError, RobotFault

NAME = "examples.my_robot:ROBOT"
STEP_SECONDS = 1 / constants.RATE_HZ


class Board(threading.Thread):
    """Speaks what `guarded_reacher.py` describes, and moves the twin; `mute` sends nothing."""

    def __init__(self):
        super().__init__(daemon=True)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0.01)
        self.address, self.port = self._socket.getsockname()
        self.twin = ReacherTwin(seed=0)
        self.told = []
        self.mute = self.ended = False

    def run(self):
        heard, client, wanted, moved = 0.0, None, np.zeros(2), time.monotonic()
        while not self.ended:
            try:
                data, client = self._socket.recvfrom(2048)
                wanted, heard = np.array(json.loads(data)["speeds"]), time.monotonic()
                self.told.append(wanted)
            except socket.timeout:
                pass
            if time.monotonic() - heard > 0.1:
                wanted = np.zeros(2)
            steps = int((time.monotonic() - moved) / 0.01)
            self.twin.command(wanted, 0.01 * steps)
            moved += 0.01 * steps
            if client and steps and not self.mute:
                values, now = self.twin.read()
                state = {"time": now, **{key: x.tolist() for key, x in values.items()}}
                self._socket.sendto(json.dumps(state).encode(), client)

    def close(self):
        self.ended = True
        self.join()
        self._socket.close()


@pytest.fixture
def board():
    board = Board()
    board.start()
    yield board
    board.close()


@pytest.fixture
def robot(board):
    # The machine of the tests may stand still for a while.
    robot = ReacherHardware(address=board.address, port=board.port, stale_seconds=0.5)
    robot.connect()
    yield robot
    robot.close()


@pytest.mark.parametrize("packet", [
    b"{", b"[1, 2]", {"time": 1.0, "angles": [0, 0, 9], "speeds": [0]},
    {"time": [1.0], "angles": [0, 0], "speeds": [0, 0]},
    {"time": 1.0, "angles": [0, None], "speeds": [0, 0]},
    {"time": 1.0, "angles": [0, float("inf")], "speeds": [0, 0]}])
def test_a_packet_that_makes_no_sense_is_counted(packet):
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.bind(("127.0.0.1", 0))
    address, port = sender.getsockname()
    guarded = GuardedReacher(address=address, port=port, fastest=1.0, longest_seconds=0.5,
                             stale_seconds=0.1)
    guarded.hold()
    client = sender.recvfrom(2048)[1]
    sender.sendto(packet if isinstance(packet, bytes) else json.dumps(packet).encode(), client)
    _wait_for(lambda: guarded.receive(1.0) is not None or guarded.counts["bad_packets"])
    assert not guarded.is_heard
    sender.sendto(b'{"time": "2.5", "angles": [1, 2], "speeds": [3, 4]}', client)  # Only text.
    _wait_for(lambda: guarded.receive(1.0) or guarded.is_heard)
    assert guarded.reading(1.0)["time"] == 2.5 and guarded.counts["bad_packets"] == 1
    guarded.close()
    sender.close()


def _wait_for(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def test_the_arm_moves_as_it_is_told_and_stands_between(robot, board):
    assert robot.read().values["speeds"].shape == (2,)
    for _ in range(10):
        robot.command(np.array([1.0, -9.0]), STEP_SECONDS)
    assert robot.read().values["speeds"] == pytest.approx([1.0, -3.0], abs=0.8)
    assert robot.account()["guardian_clips"] == 10
    assert np.abs(board.told).max() == constants.SPEED_AT_FULL_ACTION_RADIANS_PER_SECOND
    _wait_for(lambda: np.abs(robot.read().values["speeds"]).max() < 0.05)


@pytest.mark.parametrize("values, seconds", [
    ([np.nan, 0.0], STEP_SECONDS), ([1.0], STEP_SECONDS), ([1.0, 1.0], 9.0), ([1.0, 1.0], 0.0)])
def test_nonsense_is_refused(robot, values, seconds):
    with pytest.raises(RobotError, match="reacher: a command"):
        robot.command(np.array(values), seconds)
    robot.command(np.zeros(2), STEP_SECONDS)


def test_an_episode_ends_with_a_fault_and_reset_goes_on(robot, board):
    env = ReacherEnvironment(robot, seed=0)
    env.reset()
    env.step(np.ones(2, np.float32))
    board.mute = True
    with pytest.raises(RobotFault, match="sensors are"):
        for _ in range(100):
            env.step(np.ones(2, np.float32))
    board.mute = False
    assert env.reset().is_first()
    env.step(np.ones(2, np.float32))
    assert robot.account()["guardian_recoveries"] == 1


def test_a_board_that_drives_by_itself_is_for_a_person(robot, board):
    board.twin._speeds = np.array([40.0, 0.0])
    _wait_for(lambda: robot._ask("status")["state"] == "fault")
    with pytest.raises(RobotError, match="only a person"):
        robot.connect()


def test_nobody_there_is_one_line():
    robot = ReacherHardware(address="127.0.0.1", port=9, connect_seconds=0.3)
    with pytest.raises(RobotError, match="no answer from 127.0.0.1:9.*ReacherHardware.address"):
        robot.connect()


def test_reset_varies_a_twin():
    class Varied(ReacherTwin):
        varied = 0

        def vary(self):
            self.varied += 1

    twin = Varied(seed=0)
    env = ReacherEnvironment(twin, seed=0)
    env.reset()
    env.reset()
    assert twin.varied == 2


def test_the_backend_is_the_same_task(board):
    ROBOT.factory("hardware")  # gin knows the settings then.
    gin.parse_config(f"ReacherHardware.address = '{board.address}'\n"
                     f"ReacherHardware.port = {board.port}\nReacherHardware.stale_seconds = 0.5")
    env = registry.make(NAME, seed=0, backend="hardware", episode_steps=12)
    twin = registry.make(NAME, seed=0)
    try:
        assert env.time_step_spec() == twin.time_step_spec()
        step, steps, began = env.reset(), 0, time.monotonic()
        while not step.is_last():
            step, steps = env.step(np.zeros(2, np.float32)), steps + 1
        assert steps == 12
        assert time.monotonic() - began > 0.9 * steps * STEP_SECONDS
    finally:
        env.close()
