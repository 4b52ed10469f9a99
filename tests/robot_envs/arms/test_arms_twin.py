"""Physics, kinematics and sensors of both arms."""

from pathlib import Path

import numpy as np
import pytest

from arms_under_test import CONSTANTS, NAMES, TWINS, put_away
from robot_envs.arms import constants as c
from robot_envs.arms.damped_least_squares import DampedLeastSquares
from robot_envs.errors import RobotError
from robot_envs.mujoco_gl import import_mujoco

mujoco = import_mujoco()


@pytest.fixture(params=NAMES)
def name(request):
    return request.param


@pytest.fixture
def twin(name):
    twin = TWINS[name](seed=0)
    yield twin
    twin.close()


def _go(twin, work, across, along, hover, closed=0.0, seconds=2.0):
    place = work.place(across, along, hover)
    twin.command(np.array([*work.position(place), closed]), seconds)
    return twin.read().values


def test_starts_at_home_with_every_object_in_the_left_bin(name, twin):
    constants = CONSTANTS[name]
    values = twin.read().values
    np.testing.assert_allclose(values['joint_angles'], constants.HOME_RADIANS)
    assert values['objects'].shape == (constants.NUM_OBJECTS, 3)
    for position in values['objects']:
        assert constants.WORKSPACE.side(position) == c.LEFT


def test_seed_decides_where_the_objects_are(name):
    places = [TWINS[name](seed=seed).read().values['objects'] for seed in (1, 1, 2)]
    np.testing.assert_array_equal(places[0], places[1])
    assert not np.array_equal(places[0], places[2])


def test_reaches_every_cell_at_both_heights(name, twin):
    work = CONSTANTS[name].WORKSPACE
    rotation = CONSTANTS[name].TOOL_ROTATION_RADIANS
    put_away(twin, CONSTANTS[name])
    for across in (*work.left, *work.right):
        for along in (work.along[0], work.along[3], work.along[-1]):
            for hover in (True, False):
                pose = _go(twin, work, across, along, hover)['pose']
                expected = work.position(work.place(across, along, hover))
                np.testing.assert_allclose(pose[:3], expected, atol=2e-3)
                np.testing.assert_allclose(pose[3:], rotation, atol=0.03)


def test_a_move_ends_within_its_step(name, twin):
    constants = CONSTANTS[name]
    work = constants.WORKSPACE
    put_away(twin, constants)
    _go(twin, work, work.left[0], work.along[2], True)
    for across, along, hover in ((work.left[0], work.along[3], True),
                                 (work.left[0], work.along[3], False),
                                 (work.right[0], work.along[3], True)):
        pose = _go(twin, work, across, along, hover, seconds=1 / constants.RATE_HZ)['pose']
        expected = work.position(work.place(across, along, hover))
        np.testing.assert_allclose(pose[:3], expected, atol=5e-3)


def test_clock_runs_as_long_as_commands_do(name, twin):
    work = CONSTANTS[name].WORKSPACE
    began = twin.read().time
    for seconds in (0.5, 1.67, 5.0):
        _go(twin, work, work.left[0], work.along[0], False, seconds=seconds)
    assert twin.read().time - began == pytest.approx(7.17, abs=0.02)


def test_gripper_position_shows_what_it_holds(name, twin):
    work = CONSTANTS[name].WORKSPACE
    put_away(twin, CONSTANTS[name])
    here = work.left[0], work.along[3], False
    assert _go(twin, work, *here, 0.0)['gripper_position'] < c.GRASP_POSITION_MIN
    assert _go(twin, work, *here, 1.0)['gripper_position'] > c.GRASP_POSITION_MAX
    _go(twin, work, *here, 0.0)
    twin.put_objects([work.position(work.place(*here))])
    held = _go(twin, work, *here, 1.0)['gripper_position']
    assert 0.3 < held < 0.9


def test_grip_lasts(name, twin):
    """Carried up, over and back twice, the object stays between the pads."""
    work = CONSTANTS[name].WORKSPACE
    put_away(twin, CONSTANTS[name])
    here = work.left[0], work.along[3]
    _go(twin, work, *here, False)
    twin.put_objects([work.position(work.place(*here, False))])
    _go(twin, work, *here, False, 1.0)
    for _ in range(2):
        for across in (work.left[0], work.right[0]):
            values = _go(twin, work, across, work.along[3], True, 1.0, seconds=2.0)
            assert np.linalg.norm(values['objects'][0] - values['pose'][:3]) < 0.03
            assert c.GRASP_POSITION_MIN < values['gripper_position'] < c.GRASP_POSITION_MAX


def test_the_toy_is_soft():
    """The fingers close further on it than its width at rest."""
    work = CONSTANTS['xarm'].WORKSPACE
    twin = TWINS['xarm'](seed=0)
    here = work.left[0], work.along[3], False
    _go(twin, work, *here)
    twin.put_objects([work.position(work.place(*here))])
    held = _go(twin, work, *here, 1.0)['gripper_position']
    between = 2 * c.FINGER_TRAVEL_METERS * (1 - held)
    assert between < 2 * (0.012 + 0.012) - 0.01


@pytest.mark.parametrize('corner', [(i, j) for i in (0, 1) for j in (0, 1)])
def test_objects_come_back_from_the_bins_corners(name, twin, corner):
    work = CONSTANTS[name].WORKSPACE
    put_away(twin, CONSTANTS[name])
    _go(twin, work, work.right[0], work.along[3], True)
    cells = sorted(work.left)
    across = cells[0] - 0.06 if corner[0] == 0 else cells[-1] + 0.06
    along = work.along[0] - 0.04 if corner[1] == 0 else work.along[-1] + 0.04
    twin.put_objects([work.position(work.place(across, along, False)) + [0, 0, 0.04]])
    position = _go(twin, work, work.right[0], work.along[3], True, seconds=5.0)['objects'][0]
    reach = c.GRID_METERS / 2 + 0.005
    assert cells[0] - reach < position[work.across] < cells[-1] + reach
    assert work.along[0] < position[1 - work.across] < work.along[-1]


def test_stop_holds_the_arm(name, twin):
    work = CONSTANTS[name].WORKSPACE
    twin.command(np.array([*work.position(work.place(work.left[0], work.along[3], True)), 0]), 0.1)
    twin.stop()
    before = twin.read().values['pose']
    twin.command(np.array([*before[:3], 0]), 2.0)
    np.testing.assert_allclose(twin.read().values['pose'][:3], before[:3], atol=0.03)


def test_light(twin):
    bright = twin.read().values['image'].mean()
    twin.set_light(0.5)
    assert twin.read().values['image'].mean() < 0.6 * bright
    assert twin.picture().shape == (256, 256, 3)


def test_out_of_reach(name, twin):
    with pytest.raises(RobotError, match='does not reach'):
        twin.command(np.array([3.0, 0, 0.2, 0]), 1.0)


def test_has_no_push(twin):
    with pytest.raises(RobotError, match='cannot be pushed'):
        twin.push(np.ones(3))


def test_unknown_painter(name):
    with pytest.raises(RobotError, match=f"^{name}: picture='ink' is unknown"):
        TWINS[name](seed=0, picture='ink')


def test_inverse_kinematics_do_not_depend_on_what_came_before(name):
    constants = CONSTANTS[name]
    model = mujoco.MjModel.from_xml_path(
        str(Path(constants.__file__).with_name(f'{name}.xml')))

    def search():
        return DampedLeastSquares(
            model, site='tool', joints=constants.NUM_JOINTS, home=constants.HOME_RADIANS,
            rotation=constants.TOOL_AXES, damping=c.IK_DAMPING, pull=c.IK_PULL)

    work = constants.WORKSPACE
    positions = [work.position(work.place(across, work.along[0], hover))
                 for across in (work.left[0], work.right[1]) for hover in (False, True)]
    forward, backward = search(), search()
    one = [forward(position) for position in positions]
    other = [backward(position) for position in positions[::-1]][::-1]
    np.testing.assert_array_equal(one, other)
