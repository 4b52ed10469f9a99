"""Where an arm may go, as pure logic."""

import numpy as np
import pytest

from robot_envs.arms import constants as c
from robot_envs.arms.workspace import next_place, other_side
from arms_under_test import CONSTANTS, NAMES


@pytest.fixture(params=NAMES)
def work(request):
    return CONSTANTS[request.param].WORKSPACE


def _action(axis, sign):
    return c.MOVES.index((axis, sign))


def _towards_other(work, side):
    return 1 if work.inner(other_side(side)) > work.inner(side) else -1


def test_moves_are_a_cell_along_the_axes():
    assert c.MOVES == ((0, -1), (0, 1), (1, -1), (1, 1))
    work = CONSTANTS['ur5'].WORKSPACE
    start = work.place(work.left[0], work.along[3], False)
    for action, (axis, sign) in enumerate(c.MOVES):
        moved = np.subtract(next_place(work, start, action, False)[:2], start[:2])
        expected = np.zeros(2)
        expected[axis] = sign * c.GRID_METERS
        if action == 0:  # The bin ends here.
            expected[:] = 0
        np.testing.assert_allclose(moved, expected, atol=1e-9)


def test_left_is_the_robots_left():
    """Seen from above with the robot looking ahead: UR5 looks along +y, xArm along +x."""
    ur5, xarm = CONSTANTS['ur5'].WORKSPACE, CONSTANTS['xarm'].WORKSPACE
    assert max(ur5.left) < min(ur5.right)
    assert min(xarm.left) > max(xarm.right)


@pytest.mark.parametrize('side', [c.LEFT, c.RIGHT])
@pytest.mark.parametrize('hover', [False, True])
@pytest.mark.parametrize('holding', [False, True])
def test_bins_are_crossed_only_at_hover_while_holding(work, side, hover, holding):
    place = work.place(work.inner(side), work.along[2], hover)
    action = _action(work.across, _towards_other(work, side))
    moved = next_place(work, place, action, holding)
    crossed = work.nearest_side(np.array(moved[:2])) != side
    assert crossed == (hover and holding)
    if crossed:
        assert moved[work.across] == work.inner(other_side(side))
        assert moved[1 - work.across] == place[1 - work.across] and moved.hover


@pytest.mark.parametrize('side', [c.LEFT, c.RIGHT])
def test_nobody_leaves_on_the_other_sides(work, side):
    for hover in (False, True):
        outer = max(work.cells(side), key=lambda cell: abs(cell - work.inner(side)))
        away = _action(work.across, -_towards_other(work, side))
        place = work.place(outer, work.along[0], hover)
        assert next_place(work, place, away, True) == place
        assert next_place(work, place, _action(1 - work.across, -1), True) == place
        place = work.place(outer, work.along[-1], hover)
        assert next_place(work, place, _action(1 - work.across, 1), True) == place


def test_random_walks_stay_on_cells(work):
    random = np.random.default_rng(0)
    place = work.random_place(c.LEFT, random)
    cells = {(round(a, 6), round(b, 6)) for a in (*work.left, *work.right) for b in work.along}
    seen = set()
    for _ in range(3000):
        action = int(random.choice([0, 1, 2, 3, c.TOGGLE_HEIGHT]))
        place = next_place(work, place, action, holding=True)
        xy = (round(place[work.across], 6), round(place[1 - work.across], 6))
        assert xy in cells
        seen.add((*xy, place.hover))
    assert len(seen) == 2 * len(cells)  # Every cell at both heights.


@pytest.mark.parametrize('hover, holding, expected', [
    (False, False, False), (False, True, True), (True, True, False), (True, False, False)])
def test_lifts_only_with_an_object_and_always_lowers(work, hover, holding, expected):
    place = work.place(work.left[0], work.along[0], hover)
    moved = next_place(work, place, c.TOGGLE_HEIGHT, holding)
    assert moved == place._replace(hover=expected)


def test_sides(work):
    for side in (c.LEFT, c.RIGHT):
        for cell in work.cells(side):
            for row in work.along:
                position = work.position(work.place(cell, row, True))
                assert work.side(position) == work.nearest_side(position) == side
    between = np.mean([work.inner(c.LEFT), work.inner(c.RIGHT)])
    assert work.side(np.array(work.place(between, work.along[0], True)[:2])) == c.OTHER
    outside = work.place(work.left[0], work.along[-1] + 0.05, False)
    assert work.side(np.array(outside[:2])) == c.OTHER


def test_random_places_are_cells_of_the_bins_middle(work):
    random = np.random.default_rng(0)
    for side in (c.LEFT, c.RIGHT):
        places = {work.random_place(side, random) for _ in range(200)}
        assert len(places) == 3 * len(work.cells(side))
        assert not any(place.hover for place in places)
        assert {place[work.across] for place in places} == set(work.cells(side))


def test_the_nearest_place_is_a_cell(work):
    for side in (c.LEFT, c.RIGHT):
        for hover in (True, False):
            cell = work.place(work.cells(side)[1], work.along[0], hover)
            beside = work.position(cell) + [0.01, -0.015, 0.03 if hover else -0.01]
            assert work.nearest_place(beside) == cell
            assert work.nearest_place(work.position(cell)) == cell
