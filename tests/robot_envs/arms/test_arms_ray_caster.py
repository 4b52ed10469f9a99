"""The picture that the arms learn from."""

import numpy as np
import pytest

from arms_under_test import CONSTANTS, NAMES, TWINS, make
from robot_envs.arms import constants as c
from robot_envs.arms.ray_caster import RayCaster
from robot_envs.errors import RobotError
from robot_envs.mujoco_gl import import_mujoco

mujoco = import_mujoco()

_LARGE_PX = 256
# The camera looks along +y and 45 degrees down; the picture shows 2 x 2 m around the origin.
_SCENE = """
<mujoco>
  <worldbody>
    <light name="lamp" dir="0 0 -1" ambient=".5 .5 .5" diffuse=".5 .5 .5"/>
    <camera name="eye" pos="0 -7.0710678 7.0710678" fovy="11.42119"
      xyaxes="1 0 0 0 .7071068 .7071068"/>
    <geom name="floor" type="box" size="3 3 .1" pos="0 0 -.1" rgba=".5 .5 .5 1"/>
    <body><joint type="slide" axis="0 0 1"/>{}</body>
  </worldbody>
</mujoco>"""


def _cast(geom, height=0.0, shadows=(), size_px=64):
    model = mujoco.MjModel.from_xml_string(_SCENE.format(geom))
    data = mujoco.MjData(model)
    data.qpos[:] = height
    mujoco.mj_forward(model, data)
    caster = RayCaster(model, data, camera='eye', size_px=size_px, distance_meters=10.0,
                       floor_meters=0.0, shadows=shadows)
    return caster.draw(data)


def _red(image):
    return image[..., 0].astype(int) - image[..., 1] > 30


def test_sphere_is_seen_where_it_is_and_as_large():
    image, depth = _cast('<geom type="sphere" size=".3" pos=".5 0 .4" mass="1" rgba="1 0 0 1"/>',
                         size_px=_LARGE_PX)
    rows, columns = np.nonzero(_red(image))
    meters = 2 / _LARGE_PX
    assert (columns.mean() + 0.5) * meters - 1 == pytest.approx(0.5, abs=0.01)
    assert 1 - (rows.mean() + 0.5) * meters == pytest.approx(0.4 * np.sqrt(0.5), abs=0.01)
    assert len(rows) * meters**2 == pytest.approx(np.pi * 0.3**2, rel=0.05)
    nearest = -0.4 * np.sqrt(0.5) - 0.3
    assert depth[_red(image)].min() == pytest.approx(nearest, abs=0.01)


def test_box_has_its_silhouette_and_depth():
    image, depth = _cast('<geom type="box" size=".3 .2 .1" pos="0 0 .1" mass="1" rgba="1 0 0 1"/>',
                         size_px=_LARGE_PX)
    area = _red(image).sum() * (2 / _LARGE_PX) ** 2
    assert area == pytest.approx(0.6 * (0.4 + 0.2) * np.sqrt(0.5), rel=0.06)
    row = round((1 - 0.2 * np.sqrt(0.5)) * _LARGE_PX / 2)  # The top's middle, .2 m up.
    assert depth[row, _LARGE_PX // 2] == pytest.approx(-0.2 * np.sqrt(0.5), abs=0.01)
    top, front = image[row, _LARGE_PX // 2, 0], image[row + 45, _LARGE_PX // 2, 0]
    assert top > front > 0  # The lamp is above.


def test_capsule_has_its_silhouette():
    image, _ = _cast('<geom type="capsule" size=".1" fromto="-.5 0 .3 .5 0 .3" mass="1" '
                     'rgba="1 0 0 1"/>', size_px=_LARGE_PX)
    area = _red(image).sum() * (2 / _LARGE_PX) ** 2
    assert area == pytest.approx(0.2 + np.pi * 0.01, rel=0.06)


def test_the_nearer_one_is_seen():
    near = '<geom type="sphere" size=".2" pos="0 -.4 .4" mass="1" rgba="1 0 0 1"/>'
    far = '<geom type="box" size=".4 .1 .4" pos="0 .2 0" mass="1" rgba="0 0 1 1"/>'
    for geoms in (near + far, far + near):
        image, _ = _cast(geoms)
        assert image[32, 32, 0] > image[32, 32, 2]


def test_floor_depth_is_a_plane():
    _, depth = _cast('<geom type="sphere" size=".01" pos="0 0 -.5" mass="1"/>')
    rows = 1 - (np.arange(64) + 0.5) * 2 / 64
    np.testing.assert_allclose(depth, np.repeat(rows[:, None], 64, 1), atol=1e-3)


def test_a_shadow_shows_the_height():
    geom = '<geom name="ball" type="sphere" size=".2" mass="1" rgba="1 0 0 1"/>'
    darks = []
    for height in (0.5, 0.7):
        with_shadow, _ = _cast(geom, height, ('ball',))
        without, _ = _cast(geom, height)
        rows, _ = np.nonzero((without.astype(int) - with_shadow).sum(-1) > 20)
        darks.append((1 - (rows.max() + 0.5) * 2 / 64, len(rows)))
    for lowest, count in darks:  # Straight below, at the origin, whatever the height.
        assert abs(lowest + 0.2 * np.sqrt(0.5)) < 0.05
        assert count > 20


def test_drawing_leaves_no_trace():
    arm = make('ur5')
    before = arm.twin.read().values['image']
    arm.twin.set_light(0.5)
    arm.twin.read()
    arm.twin.set_light(1.0)
    np.testing.assert_array_equal(arm.twin.read().values['image'], before)


def _red_pixels(image):
    image = image.astype(int)
    return (image[..., 0] > 110) & (image[..., 1] < 70) & (image[..., 2] < 90)


@pytest.mark.parametrize('name', NAMES)
def test_an_object_is_several_pixels_and_seen_under_a_hovering_gripper(name):
    arm = make(name)
    work = arm.workspace
    for row in (work.along[1], work.along[-2]):
        place = work.place(work.right[0], row, True)
        arm.twin.command(np.array([*work.position(place), 0]), 2.0)
        arm.twin.put_objects([work.position(place._replace(hover=False))])
        assert _red_pixels(arm.twin.read().values['image']).sum() >= 20
    arm.env.close()


@pytest.mark.parametrize('name', NAMES)
def test_height_and_opening_of_the_gripper_are_seen(name):
    arm = make(name)
    work = arm.workspace
    images = []
    for hover, closed in ((False, 0), (False, 1), (True, 1), (True, 0)):
        place = work.place(work.right[0], work.along[3], hover)
        arm.twin.command(np.array([*work.position(place), closed]), 2.0)
        images.append(arm.twin.read().values['image'].astype(int))
    for one in range(4):
        for other in range(one):
            assert (np.abs(images[one] - images[other]).sum(-1) > 60).sum() >= 15
    arm.env.close()


@pytest.mark.parametrize('name', NAMES)
def test_mujocos_own_pictures_agree(name):
    try:
        theirs = TWINS[name](seed=0, picture='mujoco')
    except RobotError as error:
        pytest.skip(str(error))
    ours = TWINS[name](seed=0)
    work = CONSTANTS[name].WORKSPACE
    command = np.array([*work.position(work.place(work.left[0], work.along[5], True)), 1])
    values = []
    for twin in (ours, theirs):
        twin.command(command, 1.0)
        values.append(twin.read().values)
    # They differ in shadows, and in how edges are smoothed.
    difference = np.abs(values[0]['image'].astype(int) - values[1]['image']).mean(-1)
    assert np.mean(difference > 25) < 0.12
    if name == 'xarm':
        depth = np.abs(values[0]['depth'].astype(int) - values[1]['depth'])
        assert np.mean(depth > 8) < 0.05
    theirs.close()


def test_costs_some_passes_over_an_array(relative_cost):
    for name in NAMES:
        arm = make(name)
        arm.env.reset()
        assert relative_cost(arm.twin.read) < 7  # 3.5 to 4.8, idle or not; 1.5 to 3 ms
        arm.env.close()


def test_depth_is_in_its_range():
    near, far = c.DEPTH_RANGE_METERS
    assert near < 0 < far
    arm = make('xarm')
    depth = arm.twin.read().values['depth']
    assert depth.shape == (64, 64, 1) and depth.dtype == np.uint8
    floor = depth[20:60, 5].astype(float)  # Nearer towards the bottom.
    assert np.all(np.diff(floor[:, 0]) <= 0) and floor[0] > floor[-1] + 50
    arm.env.close()
