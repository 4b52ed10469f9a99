"""The task of both arms: bring objects from one bin to the other and back."""

from __future__ import annotations

from typing import Any, Dict

import numpy as np
from tf_agents.environments import py_environment
from tf_agents.specs import array_spec
from tf_agents.trajectories import time_step as ts

from robot_envs.arms import constants
from robot_envs.arms.reward import holds, reward
from robot_envs.arms.workspace import Place, Workspace, next_place, other_side
from robot_envs.robot import Reading, Robot
from robot_envs.time_steps import mid_step

_TRAVEL_SECONDS = 1.0  # From anywhere in a bin to anywhere else in it.


class PickPlaceEnvironment(py_environment.PyEnvironment):
    """The published visual pick-and-place task as an endless environment.

    Observation: see `observation_spec`. Action: int32 (), 0 to 3 move by a cell along -x, +x, -y,
    +y, 4 opens or closes the gripper, 5 lifts or lowers; see `workspace.next_place` for what may
    move where. Reward: see `reward.py`. The discount is always 1.

    The arm lets go by itself when it arrives over the other bin with an object. After each release
    it opens and lowers, and after one into the other bin it moves to a random cell there, all in
    the same step. An object that slips away between the bins gives nothing, and the arm goes back
    to the bin that it came from. `reset` opens, lowers and moves to a random cell of the bin where
    the arm is: an empty gripper never changes bins, so it is not in one without an object; but
    after such a loss, or `LOST_AFTER_STEPS` without a grasp, every `reset` looks into the other
    bin until there is a grasp.
    """

    def __init__(self, robot: Robot, workspace: Workspace, *, num_joints: int, rate_hz: float,
                 depth: bool, seed: int):
        """Connects the robot; it does not move before `reset`.

        Args:
            robot: see `constants.py` for its readings and command.
            workspace: where it may be.
            num_joints: N.
            rate_hz: steps a second of the robot's clock.
            depth: whether it has a depth camera.
            seed: of the random cells.
        """
        super().__init__()
        self._robot = robot
        self._workspace = workspace
        self._num_joints = num_joints
        self._step_seconds = 1 / rate_hz
        self._depth = depth
        self._random = np.random.default_rng(seed)
        self._place: Place = workspace.place(np.nan, np.nan, True)  # Until the first reset.
        self._closed = False
        self._holding = False
        self._grasped_side = constants.OTHER
        self._steps_without_grasp = 0
        self._info: Dict[str, Any] = {}
        robot.connect()

    def observation_spec(self):
        """Returns the specs by key.

        'image' uint8 (64, 64, 3); with a depth camera 'depth' uint8 (64, 64, 1); float32
        'cartesian_pose' (6,) x, y, z in metres and a rotation vector in radians,
        'joint_angles' (N,) in radians, 'gripper_position' (1,) 0 open to 1 closed, and one-hot
        (other, left, right) 'gripper_side' (3,) where the tool is and 'grasped_side' (3,) where it
        grasped what it holds, other if it holds nothing.
        """
        size = constants.IMAGE_SIZE_PX
        picture = lambda channels, name: array_spec.BoundedArraySpec(
            (size, size, channels), np.uint8, 0, 255, name)
        part = lambda name: array_spec.BoundedArraySpec(
            (constants.NUM_SIDES,), np.float32, 0, 1, name)
        specs = {'image': picture(3, 'image')}
        if self._depth:
            specs['depth'] = picture(1, 'depth')
        specs['cartesian_pose'] = array_spec.ArraySpec((6,), np.float32, 'cartesian_pose')
        specs['joint_angles'] = array_spec.ArraySpec(
            (self._num_joints,), np.float32, 'joint_angles')
        specs['gripper_position'] = array_spec.BoundedArraySpec(
            (1,), np.float32, 0, 1, 'gripper_position')
        specs['gripper_side'] = part('gripper_side')
        specs['grasped_side'] = part('grasped_side')
        return specs

    def action_spec(self):
        """Returns int32 () from 0 to 5."""
        return array_spec.BoundedArraySpec(
            (), np.int32, 0, constants.NUM_ACTIONS - 1, 'action')

    def get_info(self) -> Dict[str, Any]:
        """Returns what is logged but not observed.

        'place' of the arm, 'closed' whether the gripper was told to close, 'holding', 'reward',
        'time' in seconds on the robot's clock, from a twin 'objects' (n, 3) in metres, and from a
        real robot its account.
        """
        return dict(self._info)

    def render(self, mode: str = 'rgb_array'):
        """Returns a picture for people, uint8 (256, 256, 3) from a twin."""
        if mode != 'rgb_array':
            raise NotImplementedError(f"render mode '{mode}'; only 'rgb_array' is there")
        return self._robot.picture()

    def close(self) -> None:
        """Stops the robot and lets go of it."""
        self._robot.close()

    def _reset(self) -> ts.TimeStep:
        self._robot.connect()  # Goes on from a fault where a program may.
        self._robot.vary()
        position = self._robot.read().values['pose'][:3]
        side = self._workspace.nearest_side(position)
        if self._workspace.side(position) == constants.OTHER:  # From wherever it was switched on.
            self._closed = False
            if position[2] < self._workspace.hover:  # Walls may stand between it and the bins.
                self._go(Place(float(position[0]), float(position[1]), True))
            self._go(self._workspace.random_place(side, self._random)._replace(hover=True))
        else:  # The program may be new, or a person may have moved the arm.
            self._place = self._workspace.nearest_place(position)
        if self._steps_without_grasp >= constants.LOST_AFTER_STEPS:
            side = other_side(side)
        self._settle(side, travel=True)
        return ts.restart(self._observe(self._robot.read(), 0.0))

    def _step(self, action: np.ndarray) -> ts.TimeStep:
        held = self._holding
        if action == constants.TOGGLE_GRIPPER:
            self._closed = not self._closed
        else:
            self._place = next_place(self._workspace, self._place, int(action), held)
        self._command(self._step_seconds)
        reading = self._robot.read()
        values = reading.values
        side = self._workspace.side(values['pose'])
        self._holding = self._closed and holds(float(values['gripper_position']))
        value = reward(held, self._holding, self._grasped_side, side)
        self._steps_without_grasp = 0 if self._holding else self._steps_without_grasp + 1
        if self._holding and not held:
            self._grasped_side = side
        if value == constants.REWARD_OTHER_BIN:
            self._settle(side, travel=True)
            reading = self._robot.read()
        elif held and not self._holding:
            lost = side != self._grasped_side
            if lost:  # Wherever it fell: look into both bins.
                self._steps_without_grasp = constants.LOST_AFTER_STEPS
            self._settle(self._grasped_side, travel=lost)
            reading = self._robot.read()
        return mid_step(self._observe(reading, value), value)

    def _settle(self, side: int, *, travel: bool) -> None:
        """Opens, lowers, and if asked moves to a random cell of a bin."""
        self._holding = self._closed = False
        self._grasped_side = constants.OTHER
        self._command(self._step_seconds)
        if self._workspace.nearest_side(np.array(self._place[:2])) != side:
            self._go(self._place._replace(hover=True))
            self._go(self._workspace.random_place(side, self._random)._replace(hover=True))
        if self._place.hover:
            self._go(self._place._replace(hover=False))
        if travel:
            self._go(self._workspace.random_place(side, self._random))

    def _go(self, place: Place) -> None:
        self._place = place
        self._command(_TRAVEL_SECONDS)

    def _command(self, seconds: float) -> None:
        position = self._workspace.position(self._place)
        self._robot.command(np.array([*position, float(self._closed)]), seconds)

    def _observe(self, reading: Reading, value: float) -> Dict[str, np.ndarray]:
        values = reading.values
        self._info = {'place': self._place, 'closed': self._closed, 'holding': self._holding,
                      'reward': value, 'time': reading.time, **self._robot.account()}
        if 'objects' in values:
            self._info['objects'] = values['objects']
        sides = np.eye(constants.NUM_SIDES, dtype=np.float32)
        observation = {'image': values['image']}
        if self._depth:
            observation['depth'] = values['depth']
        observation['cartesian_pose'] = values['pose'].astype(np.float32)
        observation['joint_angles'] = values['joint_angles'].astype(np.float32)
        observation['gripper_position'] = np.array([values['gripper_position']], np.float32)
        observation['gripper_side'] = sides[self._workspace.side(values['pose'])]
        observation['grasped_side'] = sides[self._grasped_side]
        return observation
