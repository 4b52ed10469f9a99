"""The Sphero's physics and sensors."""

import numpy as np
import pytest

from robot_envs.errors import RobotError
from robot_envs.sphero import constants
from robot_envs.sphero.twin import SpheroTwin

STEP_SECONDS = 1 / constants.RATE_HZ


@pytest.fixture
def twin():
    twin = SpheroTwin(seed=0)
    yield twin
    twin.close()


def _read(twin):
    return twin.read().values


def _drive(twin, left, right, steps=1):
    for _ in range(steps):
        twin.command(np.array([left, right]), STEP_SECONDS)
    return _read(twin)


@pytest.mark.parametrize('position', [(0.5, 0.5), (0.825, 0.165), (0.07, 0.11)])
def test_picture_is_the_same_at_every_heading(twin, position):
    twin.place(position, 0.0)
    expected = _read(twin)['image']
    for heading in np.linspace(-3, 3, 9):
        twin.place(position, heading)
        assert _read(twin)['heading'] == pytest.approx(heading, abs=1e-6)
        np.testing.assert_array_equal(_read(twin)['image'], expected)


def test_readings(twin):
    twin.place((0.3, 0.7), 1.0)
    values = _read(twin)
    assert values['image'].shape == (64, 64, 3) and values['image'].dtype == np.uint8
    np.testing.assert_allclose(values['position'], (0.3, 0.7), atol=1e-6)
    assert twin.read().time == 0
    _drive(twin, 0, 0)
    assert twin.read().time == pytest.approx(0.5)


@pytest.mark.parametrize('heading, direction', [
    (0.0, (1, 0)), (np.pi / 2, (0, -1)), (np.pi, (-1, 0)), (-np.pi / 2, (0, 1))])
def test_forward_is_along_the_heading(twin, heading, direction):
    twin.place((0.5, 0.5), heading)
    moved = (_drive(twin, 1, 1)['position'] - 0.5) * [constants.ARENA_X_METERS,
                                                       constants.ARENA_Y_METERS]
    np.testing.assert_allclose(moved / np.linalg.norm(moved), direction, atol=0.02)
    assert 0.08 < np.linalg.norm(moved) < 0.105


def test_more_on_the_right_turns_left(twin):
    twin.place((0.5, 0.5), 0.0)
    assert _drive(twin, -0.2, 0.2)['heading'] > 0.1
    twin.place((0.5, 0.5), 0.0)
    assert _drive(twin, 0.2, -0.2)['heading'] < -0.1


def test_crossing_the_arena_takes_about_14_steps(twin):
    twin.place((0.05, 0.5), 0.0)
    steps = 0
    while _read(twin)['position'][0] < 0.95:
        _drive(twin, 1, 1)
        steps += 1
        assert steps < 30
    assert 12 <= steps <= 16


def test_motors_off_means_rest(twin):
    twin.place((0.5, 0.5), 0.3)
    _drive(twin, 1, 1)
    twin.stop()
    there = _drive(twin, 0, 0)['position']
    np.testing.assert_allclose(_drive(twin, 0, 0, 4)['position'], there, atol=1e-3)


@pytest.mark.parametrize('degrees', [20, 45])
def test_a_wall_turns_the_robot_along_itself(twin, degrees):
    twin.place((0.1, 0.15), np.deg2rad(degrees))
    values = _drive(twin, 1, 1, 10)
    assert abs(values['heading']) < np.deg2rad(degrees) / 3
    assert values['position'][0] > 0.3


@pytest.mark.parametrize('heading', np.linspace(-np.pi, np.pi, 7))
def test_never_stuck_at_a_wall_or_in_a_corner(twin, heading):
    """Pressed into the corner for five seconds, it still gets away by reversing or turning."""
    twin.place((0.9, 0.15), heading)
    start = _drive(twin, 1, 1, 10)
    assert np.all((start['position'] > 0.03) & (start['position'] < 0.97))
    away = []
    for left, right in ((-1, -1), (1, 0.4), (-0.4, -1)):
        away.append(np.linalg.norm(_drive(twin, left, right, 3)['position'] - start['position']))
    assert max(away) > 0.1


def test_stays_upright_and_inside_whatever_the_motors_do(twin):
    random = np.random.default_rng(0)
    for _ in range(300):
        values = _drive(twin, *random.choice([-1.0, 1.0], 2))
        assert np.all((values['position'] > 0.03) & (values['position'] < 0.97))
        assert twin.tilt() < 0.05


def test_seed_decides_the_first_heading():
    headings = [float(SpheroTwin(seed=seed).read().values['heading']) for seed in (1, 1, 2)]
    assert headings[0] == headings[1] != headings[2]


def test_light(twin):
    bright = _read(twin)['image'].mean()
    twin.set_light(0.5)
    assert _read(twin)['image'].mean() < 0.6 * bright


def test_picture_for_people_shows_the_heading(twin):
    twin.place((0.5, 0.5), 0.0)
    one = twin.picture()
    assert one.shape[0] == 256 and one.shape[1] > 400 and one.dtype == np.uint8
    twin.place((0.5, 0.5), 2.0)
    assert not np.array_equal(twin.picture(), one)


def test_has_no_push(twin):
    with pytest.raises(RobotError, match='cannot be pushed'):
        twin.push(np.ones(3))


def test_unknown_painter():
    with pytest.raises(RobotError, match="picture='ink' is unknown; choose 'numpy' or 'mujoco'"):
        SpheroTwin(seed=0, picture='ink')


def test_mujocos_picture_shows_the_robot_in_the_same_place():
    try:
        twin = SpheroTwin(seed=0, picture='mujoco')
    except RobotError as error:
        pytest.skip(str(error))
    own = SpheroTwin(seed=0)
    for position in ((0.3, 0.6), (0.825, 0.165)):
        twin.place(position, 0.5)
        own.place(position, 0.5)
        images = [_read(robot)['image'].astype(int).min(-1) > 150 for robot in (twin, own)]
        assert images[0].shape == (64, 64)
        middles = [np.argwhere(image).mean(0) for image in images]
        np.testing.assert_allclose(*middles, atol=1.0)
    twin.close()
