"""The picture that the Sphero learns from."""

import numpy as np
import pytest

from robot_envs.sphero import constants
from robot_envs.sphero.renderer import ArenaRenderer

MIDDLE = (0.5, 0.5)


@pytest.fixture(scope='module')
def small():
    return ArenaRenderer(64, 64)


def _white(image):
    """How white each pixel is: the robot is the only thing without colour, (64, 64)."""
    return np.clip(image.astype(np.float32).min(-1) - 90, 0, None)


def _found(image):
    """Middle of the white pixels in arena units, (2,)."""
    weight = _white(image)
    rows, columns = np.indices(weight.shape) + 0.5
    wall = constants.WALL_METERS
    sides = constants.ARENA_X_METERS, constants.ARENA_Y_METERS
    middle = [(weight * index).sum() / weight.sum() / 64 for index in (columns, rows)]
    return np.array([(m * (s + 2 * wall) - wall) / s for m, s in zip(middle, sides)])


def test_shape_and_dtype(small):
    image = small.draw(MIDDLE)
    assert image.shape == (64, 64, 3) and image.dtype == np.uint8


@pytest.mark.parametrize('position', [(0.5, 0.5), (0.825, 0.165), (0.1, 0.9), (0.513, 0.337)])
def test_robot_is_seen_where_it_is(small, position):
    np.testing.assert_allclose(_found(small.draw(position)), position, atol=0.01)


def test_disc_moves_by_less_than_a_pixel(small):
    """Without anti-aliasing, these would be the same picture."""
    near = small.draw((0.5 + 0.2 / 64, 0.5))
    assert not np.array_equal(near, small.draw(MIDDLE))
    assert _found(near)[0] > _found(small.draw(MIDDLE))[0]


def test_disc_has_the_robots_area(small):
    coverage = _white(small.draw(MIDDLE)) > 60
    pixel = ((constants.ARENA_X_METERS + 0.1) / 64) * ((constants.ARENA_Y_METERS + 0.1) / 64)
    assert coverage.sum() * pixel == pytest.approx(
        np.pi * constants.ROBOT_RADIUS_METERS**2, rel=0.15)


def test_walls_are_darker_than_the_floor(small):
    image = small.draw(MIDDLE).astype(int)
    assert image[0].max() < image[10].max()
    assert image[:, 0].mean() < image[:, 10].mean()


def test_light_changes_the_picture(small):
    dark, bright = ArenaRenderer(64, 64, light=0.6), ArenaRenderer(64, 64, light=1.3)
    means = [r.draw(MIDDLE).mean() for r in (dark, small, bright)]
    assert means[0] < 0.7 * means[1] and means[2] > 1.2 * means[1]
    dark.light = 1.0
    np.testing.assert_array_equal(dark.draw(MIDDLE), small.draw(MIDDLE))


def test_drawing_leaves_no_trace(small):
    before = small.draw(MIDDLE)
    small.draw((0.2, 0.8), heading=1.0, goal=(0.8, 0.2))
    np.testing.assert_array_equal(small.draw(MIDDLE), before)


def test_robot_may_touch_the_corner(small):
    assert small.draw((0.0, 0.0)).shape == (64, 64, 3)
    assert small.draw((1.0, 1.0)).shape == (64, 64, 3)


def test_heading_and_goal_are_for_people_only(small):
    plain = small.draw(MIDDLE)
    assert not np.array_equal(small.draw(MIDDLE, heading=0.0), plain)
    assert not np.array_equal(small.draw(MIDDLE, heading=0.0), small.draw(MIDDLE, heading=2.0))
    assert not np.array_equal(small.draw(MIDDLE, goal=(0.8, 0.2)), plain)


def test_well_under_a_millisecond(small, relative_cost):
    assert relative_cost(lambda: small.draw(MIDDLE)) < 1  # a pass over an array takes 0.6 ms
