"""The way of a tool, and the rotations on it."""

import numpy as np
import pytest

from robot_envs.arms import rotations
from robot_envs.arms.straight_path import StraightPath

START = np.array([0.1, 0.2, 0.3, np.pi, 0.0, 0.0])
DOWN = np.array([-1.0, -1.0, 0.0]) * np.pi / np.sqrt(2)


def _path(end, seconds=0.5):
    return StraightPath(START, end, meters_per_second=0.5, radians_per_second=1.0, seconds=seconds)


def test_a_short_way_takes_what_it_was_given_and_arrives():
    path = _path(np.array([0.1, 0.24, 0.3, np.pi, 0, 0]))
    assert path.command_seconds == 0.5
    poses = [path.advance(share, longest=1.0) for share in np.linspace(0, 1, 26)]
    np.testing.assert_allclose(poses[0], START)
    np.testing.assert_allclose(poses[-1][:3], [0.1, 0.24, 0.3])
    assert np.all(np.diff([pose[1] for pose in poses]) >= 0)


def test_a_pause_is_made_good_at_most_a_little_at_once():
    path = _path(np.array([0.1, 0.4, 0.3, np.pi, 0, 0]), seconds=1.0)
    before = path.advance(0.4, longest=1.0)
    path.pause(0.8)
    after = path.advance(0.82, longest=1.0)  # .02 of the time later, as if there had been no pause
    unbroken = _path(np.array([0.1, 0.4, 0.3, np.pi, 0, 0]), seconds=1.0)
    np.testing.assert_allclose(after, unbroken.advance(0.42, longest=1.0))
    assert before[1] < after[1] < 0.4


@pytest.mark.parametrize('end,seconds', [
    (np.array([0.5, 0.2, 0.3, np.pi, 0, 0]), 1.5),
    (np.array([0.1, 0.2, 0.3, 0, np.pi, 0]), 1.875 * np.pi),
])
def test_a_long_way_gets_more_time_and_keeps_the_speeds(end, seconds):
    path = _path(end)
    assert path.command_seconds == pytest.approx(seconds + 0.15)
    step = 0.01
    poses = [path.advance(t / path.command_seconds, longest=1.0)
             for t in np.arange(0, path.command_seconds, step)]
    for before, after in zip(poses, poses[1:]):
        assert np.linalg.norm(after[:3] - before[:3]) / step < 0.5 + 1e-3
        assert rotations.angle_between(before[3:], after[3:]) / step < 1.0 + 1e-3


def test_after_a_pause_it_goes_on_where_it_was():
    path = _path(np.array([0.3, 0.2, 0.3, np.pi, 0, 0]))
    before = path.advance(0.3, longest=0.1)
    after = path.advance(0.9, longest=0.1)
    assert np.linalg.norm(after[:3] - before[:3]) < 0.5 * 0.1 + 1e-6
    assert np.linalg.norm(path.advance(0.9, longest=0.1) - after) == 0


@pytest.mark.parametrize('seed', range(5))
def test_rotation_vectors_and_matrices_are_each_others_inverse(seed):
    vector = np.random.default_rng(seed).uniform(-1.7, 1.7, 3)
    rotation = rotations.matrix(vector)
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-12)
    np.testing.assert_allclose(rotations.vector(rotation), vector, atol=1e-7)
    angles = rotations.roll_pitch_yaw(rotation)
    np.testing.assert_allclose(rotations.from_roll_pitch_yaw(angles), vector, atol=1e-7)


@pytest.mark.parametrize('half_turn', [DOWN, [np.pi, 0, 0], [0, 0, -np.pi], [0, 0, 0]])
def test_half_turns_and_none(half_turn):
    rotation = rotations.matrix(np.array(half_turn))
    again = rotations.matrix(rotations.vector(rotation))
    np.testing.assert_allclose(again, rotation, atol=1e-6)


def test_between_two_rotations_is_the_shortest_way():
    quarter = np.array([0, 0, np.pi / 2])
    np.testing.assert_allclose(rotations.between(np.zeros(3), quarter, 0.5), quarter / 2)
    assert rotations.angle_between(quarter, -quarter) == pytest.approx(np.pi)
    # The same rotation, told from the other side.
    np.testing.assert_allclose(rotations.near(-DOWN, DOWN), DOWN)
    np.testing.assert_allclose(rotations.near(0.9 * quarter, quarter), 0.9 * quarter)
