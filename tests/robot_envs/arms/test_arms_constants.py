"""Numbers of the arms as data: ranges, and that the models hold the same."""

from pathlib import Path

import numpy as np
import pytest

from arms_under_test import CONSTANTS, NAMES
from robot_envs.arms import constants as c
from robot_envs.mujoco_gl import import_mujoco

mujoco = import_mujoco()


@pytest.fixture(params=NAMES)
def name(request):
    return request.param


@pytest.fixture
def model(name):
    path = Path(CONSTANTS[name].__file__).with_name(f'{name}.xml')
    return mujoco.MjModel.from_xml_path(str(path))


def test_published_task():
    assert (c.IMAGE_SIZE_PX, c.EPISODE_STEPS, c.GRID_METERS, c.NUM_ACTIONS) == (64, 100, 0.04, 6)
    assert (c.REWARD_GRASP, c.REWARD_SAME_BIN, c.REWARD_OTHER_BIN) == (1, -1, 10)
    assert (c.GRASP_POSITION_MIN, c.GRASP_POSITION_MAX) == (0.015, 0.985)
    assert (c.OTHER, c.LEFT, c.RIGHT) == (0, 1, 2)
    assert (c.IK_DAMPING, c.WAY_POINTS) == (0.01, 5)


def test_published_robots():
    ur5, xarm = CONSTANTS['ur5'], CONSTANTS['xarm']
    assert (ur5.RATE_HZ, ur5.NUM_JOINTS, ur5.NUM_OBJECTS) == (2, 6, 3)
    assert (xarm.RATE_HZ, xarm.NUM_JOINTS, xarm.NUM_OBJECTS) == (0.6, 7, 1)
    np.testing.assert_array_equal(
        ur5.HOME_RADIANS, [-1.571, -1.571, 1.571, -1.571, -1.571, 0])
    np.testing.assert_array_equal(xarm.HOME_RADIANS, [0, -0.247, 0, 0.909, 0, 1.156, 0])


def test_ranges():
    assert c.GRASP_POSITION_MIN < c.GRASP_POSITION_MAX < 1
    assert c.INNER_CELL_METERS < c.OUTER_CELL_METERS < c.BIN_ACROSS_METERS
    assert c.LIGHT_MIN < 1 < c.LIGHT_MAX
    assert c.GRIPPER_COMMAND_METERS[0] < 0 < c.FINGER_TRAVEL_METERS < c.GRIPPER_COMMAND_METERS[1]


def test_cells_are_a_grid():
    assert c.OUTER_CELL_METERS - c.INNER_CELL_METERS == pytest.approx(c.GRID_METERS)
    np.testing.assert_allclose(np.diff(c.ALONG_METERS), c.GRID_METERS)


def test_every_place_where_an_object_can_lie_is_near_a_cell():
    """Flat floors end within half a cell of the outermost cells; slopes do the rest."""
    half = c.GRID_METERS / 2
    low, high = c.FLOOR_ACROSS_METERS
    assert c.INNER_CELL_METERS - half <= low + 1e-9
    assert high <= c.OUTER_CELL_METERS + half + 1e-9
    assert c.FLOOR_ALONG_METERS <= c.ALONG_METERS[-1] + half
    assert high < c.BIN_ACROSS_METERS and c.FLOOR_ALONG_METERS < c.BIN_ALONG_METERS


def test_fingers_have_room_for_an_object_on_both_sides(model):
    """An object pushed by a finger fits between it and the bin's wall, and is not wedged."""
    thickness = 2 * model.geom('pad_a').size[1]
    outside = c.FINGER_TRAVEL_METERS + thickness
    width = 2 * 0.024
    assert c.INNER_CELL_METERS - outside > width - 0.005
    assert c.BIN_ACROSS_METERS - c.OUTER_CELL_METERS - outside > width - 0.005


def test_rotation_and_axes_agree(name):
    constants = CONSTANTS[name]
    quaternion, axes = np.zeros(4), np.zeros(9)
    angle = np.linalg.norm(constants.TOOL_ROTATION_RADIANS)
    mujoco.mju_axisAngle2Quat(quaternion, constants.TOOL_ROTATION_RADIANS / angle, angle)
    mujoco.mju_quat2Mat(axes, quaternion)
    np.testing.assert_allclose(axes.reshape(3, 3), constants.TOOL_AXES, atol=1e-9)


def test_fingers_open_across_the_bins(name):
    """Along the tool's y."""
    opening = np.abs(CONSTANTS[name].TOOL_AXES[:, 1])
    assert np.argmax(opening) == CONSTANTS[name].WORKSPACE.across


def test_heights(name):
    work = CONSTANTS[name].WORKSPACE
    assert work.table == pytest.approx(CONSTANTS[name].FLOOR_METERS + c.TABLE_TOOL_METERS)
    rise = CONSTANTS[name].HOVER_OVER_TABLE_METERS
    assert work.hover - work.table == pytest.approx(rise)


def test_what_is_carried_passes_over_the_wall_between_the_bins(name, model):
    wall = max(model.geom(geom).pos[2] + model.geom(geom).size[2]
               for geom in ('divider', 'divider_guard'))
    lowest = c.TABLE_TOOL_METERS + CONSTANTS[name].HOVER_OVER_TABLE_METERS - 0.025
    assert lowest > wall


def test_model_has_the_servos_and_limits(name, model):
    constants = CONSTANTS[name]
    arm = slice(0, constants.NUM_JOINTS)
    np.testing.assert_allclose(model.actuator_gainprm[arm, 0],
                               constants.SERVO_NEWTON_METERS_PER_RADIAN)
    np.testing.assert_allclose(-model.actuator_biasprm[arm, 2],
                               constants.SERVO_NEWTON_METER_SECONDS_PER_RADIAN)
    np.testing.assert_allclose(model.actuator_forcerange[arm, 1],
                               constants.TORQUE_LIMIT_NEWTON_METERS)
    np.testing.assert_allclose(-model.actuator_forcerange[arm, 0],
                               constants.TORQUE_LIMIT_NEWTON_METERS)
    fingers = slice(constants.NUM_JOINTS, constants.NUM_JOINTS + 2)
    np.testing.assert_allclose(model.actuator_forcerange[fingers, 1], c.GRIPPER_FORCE_NEWTON)
    np.testing.assert_allclose(model.jnt_range[fingers, 1], c.FINGER_TRAVEL_METERS)
    low, high = model.jnt_range[arm].T
    assert np.all((low < constants.HOME_RADIANS) & (constants.HOME_RADIANS < high))


def test_model_has_the_gripper_and_the_contacts(name, model):
    assert model.site('tool').pos[2] == c.TOOL_METERS
    for pad in ('pad_a', 'pad_b'):
        assert model.geom(pad).size[0] == c.PAD_HALF_WIDTH_METERS
        assert model.geom(pad).friction[0] == 1.5 and model.geom(pad).condim[0] == 4
        np.testing.assert_allclose(model.geom(pad).solref, [0.01, 1])
    assert model.opt.cone == mujoco.mjtCone.mjCONE_ELLIPTIC and model.opt.impratio == 10
    bodies = [body for body in range(model.nbody)
              if model.body_jntnum[body] and model.jnt_type[model.body_jntadr[body]] == 0]
    assert len(bodies) == CONSTANTS[name].NUM_OBJECTS
    np.testing.assert_allclose(model.body_subtreemass[bodies], 0.05)


def test_only_pads_objects_and_bins_collide(model):
    kinds = {1: 'bin', 2: 'object', 4: 'pad'}
    for geom in range(model.ngeom):
        kind = model.geom_contype[geom] | model.geom_conaffinity[geom]
        if kind and model.geom(geom).name.startswith('pad'):
            assert model.geom_contype[geom] == 4 and model.geom_conaffinity[geom] == 0
        elif kind and model.body_weldid[model.geom_bodyid[geom]] == 0:
            assert model.geom_contype[geom] == 1 and model.geom_conaffinity[geom] == 0
        elif kind:  # Of an object: with all of them.
            assert model.geom_conaffinity[geom] & 5 == 5
    assert len(kinds) == 3


def test_model_has_the_bins(name, model):
    """In the scene's own frame: x to the robot's left, y towards the robot."""
    for side, sign in (('left', 1), ('right', -1)):
        floor = model.geom(f'{side}_floor')
        assert sign * floor.pos[0] + floor.size[0] == pytest.approx(c.BIN_ACROSS_METERS)
        assert floor.size[1] == c.BIN_ALONG_METERS
        for slope, edge in zip(('inner', 'outer'), c.FLOOR_ACROSS_METERS):
            assert _lower_edge(model, f'{side}_{slope}')[0] == pytest.approx(sign * edge, abs=1e-4)
        for slope, edge in (('near', c.FLOOR_ALONG_METERS), ('far', -c.FLOOR_ALONG_METERS)):
            assert _lower_edge(model, f'{side}_{slope}')[1] == pytest.approx(edge, abs=1e-4)
    scene = model.body('scene')
    np.testing.assert_allclose(scene.pos[:2], CONSTANTS[name].MIDDLE_METERS)
    assert scene.pos[2] == pytest.approx(CONSTANTS[name].FLOOR_METERS)
    left = np.zeros(3)
    mujoco.mju_rotVecQuat(left, np.array([1.0, 0, 0]), scene.quat)
    work = CONSTANTS[name].WORKSPACE
    expected = np.sign(work.left[0] - CONSTANTS[name].MIDDLE_METERS[work.across])
    assert left[work.across] == pytest.approx(expected)


def _lower_edge(model, slope):
    """Returns where a slope's surface begins, (3,) in the scene's frame."""
    geom = model.geom(slope)
    axes = np.zeros(9)
    mujoco.mju_quat2Mat(axes, geom.quat)
    axes = axes.reshape(3, 3)
    return geom.pos - axes[:, 0] * geom.size[0] + axes[:, 2] * geom.size[2]


def test_camera_distance(model):
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    camera = model.camera('scene').id
    middle = data.cam_xpos[camera] - c.CAMERA_DISTANCE_METERS * data.cam_xmat[camera, 2::3]
    np.testing.assert_allclose(middle[:2], data.body('scene').xpos[:2], atol=0.06)


@pytest.mark.parametrize('module', [c, *CONSTANTS.values()], ids=['arms', *CONSTANTS])
def test_numbers_say_their_unit(module):
    units = ('_PX', '_HZ', '_STEPS', '_MIN', '_MAX', '_RADIANS', '_METERS', '_NEWTON',
             '_NEWTON_METERS', '_PER_RADIAN')
    plain = {'REWARD_GRASP', 'REWARD_SAME_BIN', 'REWARD_OTHER_BIN', 'MOVES', 'TOGGLE_GRIPPER',
             'TOGGLE_HEIGHT', 'NUM_ACTIONS', 'NUM_SIDES', 'NUM_JOINTS', 'NUM_OBJECTS', 'OTHER',
             'LEFT', 'RIGHT', 'IK_DAMPING', 'IK_PULL', 'WAY_POINTS', 'TOOL_AXES', 'WORKSPACE'}
    names = [name for name in vars(module) if name.isupper() and not name.startswith('_')]
    assert len(names) > 8
    assert [name for name in names if not name.endswith(units) and name not in plain] == []
