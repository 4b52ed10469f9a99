"""Both arms, for tests that hold for each."""

import functools
from typing import NamedTuple

import numpy as np

from robot_envs.arms.pick_place_environment import PickPlaceEnvironment
from robot_envs.arms.twin import ArmTwin
from robot_envs.arms.workspace import Place
from robot_envs.ur5 import constants as ur5_constants
from robot_envs.ur5.model import MODEL as UR5
from robot_envs.xarm import constants as xarm_constants
from robot_envs.xarm.model import MODEL as XARM

TWINS = {'ur5': functools.partial(ArmTwin, UR5), 'xarm': functools.partial(ArmTwin, XARM)}
CONSTANTS = {'ur5': ur5_constants, 'xarm': xarm_constants}
NAMES = sorted(TWINS)


class Arm(NamedTuple):
    """A task environment without wrappers, its twin, and the robot's constants."""

    env: PickPlaceEnvironment
    twin: object
    constants: object

    @property
    def workspace(self):
        return self.constants.WORKSPACE


def make(name: str, seed: int = 0, **options) -> Arm:
    """Returns an arm; the caller closes `env`."""
    constants = CONSTANTS[name]
    twin = TWINS[name](seed=seed, **options)
    env = PickPlaceEnvironment(
        twin, constants.WORKSPACE, num_joints=constants.NUM_JOINTS, rate_hz=constants.RATE_HZ,
        depth=name == 'xarm', seed=seed)
    return Arm(env, twin, constants)


def put_away(twin, constants, *, keep: int = 0) -> None:
    """Puts every object but the first `keep` beside the bins on the table."""
    work = constants.WORKSPACE
    objects = twin.read().values['objects']
    for index in range(keep, constants.NUM_OBJECTS):
        across = constants.MIDDLE_METERS[work.across] + 0.5
        beside = work.place(across, work.along[2 * index], False)
        objects[index] = work.position(beside)
    twin.put_objects(objects)


def put_one_at(arm: Arm, place: Place) -> None:
    """Puts the first object between the open fingers at `place`, the others far from it."""
    work = arm.workspace
    side = work.nearest_side(np.array(place[:2]))
    rows = [row for row in work.along if abs(row - place[1 - work.across]) > 0.07]
    others = [work.place(work.cells(side)[0], row, False) for row in (rows[0], rows[-1])]
    places = [place._replace(hover=False), *others][:arm.constants.NUM_OBJECTS]
    arm.twin.put_objects([work.position(one) for one in places])


def step_until(arm: Arm, *actions: int):
    """Returns the time steps of `actions`."""
    return [arm.env.step(np.int32(action)) for action in actions]
