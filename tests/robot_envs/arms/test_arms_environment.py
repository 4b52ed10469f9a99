"""The task on both twins: rewards, sides and places in known states."""

import numpy as np
import pytest

from arms_under_test import CONSTANTS, NAMES, TWINS, make, put_one_at, step_until
from robot_envs import registry
from robot_envs.arms import constants as c
from robot_envs.arms.pick_place_environment import PickPlaceEnvironment
from robot_envs.arms.workspace import Place, other_side

GRIPPER, HEIGHT = c.TOGGLE_GRIPPER, c.TOGGLE_HEIGHT


@pytest.fixture(params=NAMES)
def arm(request):
    arm = make(request.param)
    arm.env.reset()
    yield arm
    arm.env.close()


def _across(arm, sign):
    return c.MOVES.index((arm.workspace.across, sign))


def _to_inner(arm):
    """Brings the arm to the left bin's cells beside the right bin; returns the action across."""
    work = arm.workspace
    sign = 1 if work.inner(c.RIGHT) > work.inner(c.LEFT) else -1
    put_one_at(arm, arm.env.get_info()['place'])
    while arm.env.get_info()['place'][work.across] != work.inner(c.LEFT):
        step_until(arm, _across(arm, sign))
        assert arm.env.get_info()['reward'] == 0
    put_one_at(arm, arm.env.get_info()['place'])
    return _across(arm, sign)


def _one_hot(side):
    return np.eye(3)[side]


def test_first_observation(arm):
    observation = arm.env.reset().observation
    np.testing.assert_array_equal(observation['gripper_side'], _one_hot(c.LEFT))
    np.testing.assert_array_equal(observation['grasped_side'], _one_hot(c.OTHER))
    assert observation['gripper_position'] < c.GRASP_POSITION_MIN
    info = arm.env.get_info()
    assert not info['closed'] and not info['holding'] and not info['place'].hover
    np.testing.assert_allclose(observation['cartesian_pose'][:3],
                               arm.workspace.position(info['place']), atol=3e-3)


def test_a_whole_placement(arm):
    """Grasp +1, lift 0, across +10; then the arm is open, lowered and in the other bin."""
    across = _to_inner(arm)
    grasp, lift = step_until(arm, GRIPPER, HEIGHT)
    assert (grasp.reward, lift.reward) == (1, 0)
    width = float(grasp.observation['gripper_position'][0])
    assert c.GRASP_POSITION_MIN < width < c.GRASP_POSITION_MAX
    np.testing.assert_array_equal(grasp.observation['gripper_side'], _one_hot(c.LEFT))
    np.testing.assert_array_equal(grasp.observation['grasped_side'], _one_hot(c.LEFT))
    assert lift.observation['cartesian_pose'][2] == pytest.approx(arm.workspace.hover, abs=5e-3)
    carried = arm.env.get_info()['objects'][0]
    np.testing.assert_allclose(carried, lift.observation['cartesian_pose'][:3], atol=0.03)

    placed, = step_until(arm, across)
    assert placed.reward == 10
    np.testing.assert_array_equal(placed.observation['gripper_side'], _one_hot(c.RIGHT))
    np.testing.assert_array_equal(placed.observation['grasped_side'], _one_hot(c.OTHER))
    assert placed.observation['gripper_position'] < c.GRASP_POSITION_MIN
    info = arm.env.get_info()
    assert not info['place'].hover and not info['holding']
    np.testing.assert_allclose(placed.observation['cartesian_pose'][2],
                               arm.workspace.table, atol=3e-3)
    assert arm.workspace.nearest_side(info['objects'][0]) == c.RIGHT
    assert placed.is_mid() and placed.discount == 1


@pytest.mark.parametrize('lifted', [False, True])
def test_release_into_the_same_bin(arm, lifted):
    _to_inner(arm)
    step_until(arm, GRIPPER, *([HEIGHT] if lifted else []))
    assert arm.env.get_info()['place'].hover is lifted
    released, = step_until(arm, GRIPPER)
    assert released.reward == -1
    np.testing.assert_array_equal(released.observation['grasped_side'], _one_hot(c.OTHER))
    assert not arm.env.get_info()['place'].hover
    assert released.observation['gripper_position'] < c.GRASP_POSITION_MIN


def test_closing_on_nothing(arm):
    work = arm.workspace
    far = work.position(work.place(work.right[0], work.along[0], False))
    arm.twin.put_objects([far + [0, 0, 0.05 * index] for index in range(3)][
        :arm.constants.NUM_OBJECTS])
    closed, lifted, opened = step_until(arm, GRIPPER, HEIGHT, GRIPPER)
    assert closed.reward == lifted.reward == opened.reward == 0
    assert closed.observation['gripper_position'] > c.GRASP_POSITION_MAX
    assert opened.observation['gripper_position'] < c.GRASP_POSITION_MIN
    assert not arm.env.get_info()['place'].hover  # An empty gripper stays at the table.


def test_no_way_across_at_the_table(arm):
    across = _to_inner(arm)
    held, dragged = step_until(arm, GRIPPER, across)
    assert held.reward == 1 and dragged.reward == 0
    np.testing.assert_array_equal(dragged.observation['gripper_side'], _one_hot(c.LEFT))


def test_reset_goes_on_in_the_bin_where_the_arm_is(arm):
    across = _to_inner(arm)
    step_until(arm, GRIPPER, HEIGHT, across)
    observation = arm.env.reset().observation
    np.testing.assert_array_equal(observation['gripper_side'], _one_hot(c.RIGHT))
    step_until(arm, GRIPPER)
    assert arm.env.reset().observation['gripper_position'] < c.GRASP_POSITION_MIN


class _Told:
    """A twin that keeps what it was told."""

    def __init__(self, twin):
        self._twin = twin
        self.commands = []

    def __getattr__(self, name):
        return getattr(self._twin, name)

    def command(self, values, seconds):
        self.commands.append(np.array(values))
        self._twin.command(values, seconds)


def _over(work, side, hover):
    """A place in a bin's corner, a little beside its cell."""
    cell = work.place(work.cells(side)[0], work.along[1], hover)
    return work.position(cell) + [0.007, -0.006, 0.004]


@pytest.mark.parametrize('side', [c.LEFT, c.RIGHT])
@pytest.mark.parametrize('hover', [True, False])
@pytest.mark.parametrize('name', NAMES)
def test_the_first_reset_of_a_program_begins_where_the_arm_stands(name, hover, side):
    """As after a restart: the arm is in a bin, and never leaves it."""
    constants = CONSTANTS[name]
    work, twin = constants.WORKSPACE, _Told(TWINS[name](seed=0))
    start = _over(work, side, hover)
    for position in (_over(work, side, True), start):
        twin.command(np.array([*position, 1.0]), 3.0)
    twin.commands.clear()
    env = PickPlaceEnvironment(
        twin, work, num_joints=constants.NUM_JOINTS, rate_hz=constants.RATE_HZ,
        depth=name == 'xarm', seed=0)
    env.reset()
    first = twin.commands[0]
    np.testing.assert_allclose(first[:3], start, atol=0.01)
    assert first[3] == 0
    assert [work.side(told) for told in twin.commands] == [side] * len(twin.commands)
    np.testing.assert_allclose(twin.commands[-1][2], work.table)
    env.close()


@pytest.mark.parametrize('name', NAMES)
def test_an_arm_beside_the_bins_rises_before_it_goes_to_one(name):
    constants = CONSTANTS[name]
    work, twin = constants.WORKSPACE, _Told(TWINS[name](seed=0))
    between = work.place(float(np.mean([*work.left, *work.right])), work.along[1], True)
    for place in (between, between._replace(hover=False)):
        twin.command(np.array([*work.position(place), 0.0]), 3.0)
    start = twin.read().values['pose'][:3]
    assert work.side(start) == c.OTHER and start[2] < work.hover - 0.03
    twin.commands.clear()
    env = PickPlaceEnvironment(
        twin, work, num_joints=constants.NUM_JOINTS, rate_hz=constants.RATE_HZ,
        depth=name == 'xarm', seed=0)
    env.reset()
    np.testing.assert_allclose(twin.commands[0], [*start[:2], work.hover, 0])
    assert twin.commands[1][2] == work.hover and work.side(twin.commands[1]) != c.OTHER
    env.close()


def test_a_rise_that_a_fault_ended_is_forgotten(arm):
    """A person has carried the arm from beside a bin into it: it does not go back there."""
    work, told = arm.workspace, _Told(arm.twin)
    cell = work.place(work.inner(c.RIGHT), work.along[1], True)
    away = np.sign(np.mean(work.left) - np.mean(work.right)) * 0.035
    beside = work.position(cell)
    beside[work.across] += away
    assert work.side(beside) == c.OTHER
    arm.env._place = Place(float(beside[0]), float(beside[1]), True)
    for position in (_over(work, c.LEFT, True), work.position(cell)):
        arm.twin.command(np.array([*position, 0.0]), 3.0)
    arm.env._robot = told
    arm.env.reset()
    assert [work.side(values) for values in told.commands] == [c.RIGHT] * len(told.commands)


def test_reset_begins_where_a_person_has_put_the_arm(arm):
    """In a pause; it is not dragged back through the bins' walls."""
    work, told = arm.workspace, _Told(arm.twin)
    assert work.side(arm.twin.pose()) == c.LEFT
    for position in (_over(work, c.LEFT, True), _over(work, c.RIGHT, True)):
        arm.twin.command(np.array([*position, 0.0]), 3.0)
    arm.env._robot = told
    arm.env.reset()
    assert [work.side(values) for values in told.commands] == [c.RIGHT] * len(told.commands)


def test_reset_lets_go_without_reward(arm):
    _to_inner(arm)
    step_until(arm, GRIPPER, HEIGHT)
    restarted = arm.env.reset()
    assert restarted.is_first() and restarted.reward == 0
    np.testing.assert_array_equal(restarted.observation['grasped_side'], _one_hot(c.OTHER))
    objects = arm.env.get_info()['objects']
    assert arm.workspace.nearest_side(objects[0]) == c.LEFT
    assert np.all(objects[:, 2] < arm.workspace.hover)


def test_an_object_lost_between_the_bins(arm):
    """No reward, and the arm is back in the bin that it came from."""
    across = _to_inner(arm)
    step_until(arm, GRIPPER, HEIGHT)
    arm.twin.put_objects([arm.workspace.position(arm.env.get_info()['place']) - [0, 0, 0.1]])
    lost, = step_until(arm, across)
    assert lost.reward == 0
    np.testing.assert_array_equal(lost.observation['gripper_side'], _one_hot(c.LEFT))
    np.testing.assert_array_equal(lost.observation['grasped_side'], _one_hot(c.OTHER))
    assert not arm.env.get_info()['closed'] and not arm.env.get_info()['place'].hover
    observation = arm.env.reset().observation
    np.testing.assert_array_equal(observation['gripper_side'], _one_hot(c.RIGHT))


def test_an_arm_that_finds_nothing_looks_into_the_other_bin(arm, monkeypatch):
    """At every reset, for what it looks for may be in either."""
    monkeypatch.setattr(c, 'LOST_AFTER_STEPS', 3)
    work = arm.workspace
    away = [work.position(work.place(work.right[0], row, False)) for row in work.along[::3]]
    arm.twin.put_objects(away[:arm.constants.NUM_OBJECTS])
    step_until(arm, 0, 1, 2)
    for expected in (c.RIGHT, c.LEFT, c.RIGHT):
        observation = arm.env.reset().observation
        np.testing.assert_array_equal(observation['gripper_side'], _one_hot(expected))
    put_one_at(arm, arm.env.get_info()['place'])
    assert step_until(arm, GRIPPER)[0].reward == 1
    observation = arm.env.reset().observation
    np.testing.assert_array_equal(observation['gripper_side'], _one_hot(c.RIGHT))


def test_a_step_takes_its_time_on_the_robots_clock(arm):
    began = arm.env.get_info()['time']
    step_until(arm, 2, 3, GRIPPER)
    passed = arm.env.get_info()['time'] - began
    assert passed == pytest.approx(3 / arm.constants.RATE_HZ, abs=0.03)


def test_objects_of_the_other_bin_are_not_carried(arm):
    assert other_side(c.LEFT) == c.RIGHT and other_side(c.RIGHT) == c.LEFT
    sides = [arm.workspace.nearest_side(one) for one in arm.env.get_info()['objects']]
    assert sides == [c.LEFT] * arm.constants.NUM_OBJECTS


def test_light_may_change_in_the_middle_of_a_run(arm):
    bright = arm.env.step(np.int32(0)).observation['image']
    arm.twin.set_light(0.5)
    dark = arm.env.step(np.int32(1)).observation['image']
    assert dark.mean() < 0.6 * bright.mean()


@pytest.mark.parametrize('name', NAMES)
def test_render_is_a_picture_for_people(name):
    env = registry.make(name, seed=0)
    env.reset()
    picture = env.render()
    assert picture.dtype == np.uint8 and picture.shape == (256, 256, 3)
    env.close()


@pytest.mark.parametrize('name', NAMES)
def test_speed(name, relative_cost):
    """About 200 steps a second of one core's time: 5 to 10 passes, idle or not."""
    env = registry.make(name, seed=0)
    env.reset()
    random = np.random.default_rng(0)
    for _ in range(60):  # Inverse kinematics are searched once a pose.
        env.step(np.int32(random.integers(c.NUM_ACTIONS)))
    assert relative_cost(lambda: env.step(np.int32(random.integers(c.NUM_ACTIONS)))) < 20
    env.close()
