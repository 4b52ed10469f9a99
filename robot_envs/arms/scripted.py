"""A policy that knows where the objects are: what the task allows, as a measure."""

from __future__ import annotations

from typing import Any, Dict

import numpy as np

from robot_envs.arms import constants
from robot_envs.arms.workspace import Workspace, other_side

_PATIENCE_STEPS = 12  # For one object; then the nearest one is chosen anew.
_BESIDE_METERS = 0.045  # A finger passes an object that is further away than this along the bin.


class PickAndPlace:
    """Fetches the nearest object of the bin where the arm is and carries it to the other."""

    def __init__(self, workspace: Workspace):
        """Makes the policy of an arm with this workspace."""
        self._workspace = workspace
        self._chosen = 0
        self._patience = 0

    def action(self, info: Dict[str, Any]) -> int:
        """Returns the next action.

        Args:
            info: of `PickPlaceEnvironment.get_info()` on a twin: 'place', 'closed', 'holding',
                'objects'.
        """
        place = info['place']
        if info['holding']:
            self._patience = 0
            return self._carry(place) if place.hover else constants.TOGGLE_HEIGHT
        if info['closed']:  # On nothing.
            return constants.TOGGLE_GRIPPER
        across, along = self._coordinates(np.array(place[:2]))
        objects = [self._coordinates(position) for position in info['objects']]
        side = self._workspace.nearest_side(np.array(place[:2]))
        if self._patience == 0 or self._side_of(objects[self._chosen]) != side:
            here = [n for n, point in enumerate(objects) if self._side_of(point) == side]
            steps = [abs(a - across) + abs(b - along) for a, b in objects]
            self._chosen = min(here or range(len(objects)), key=lambda n: steps[n])
            self._patience = _PATIENCE_STEPS
        self._patience -= 1
        return self._fetch(across, along, *objects[self._chosen])

    def _fetch(self, across: float, along: float, a: float, b: float) -> int:
        """Returns the action towards an object at (a, b) for a tool at (across, along)."""
        work = self._workspace
        column = min(work.cells(work.nearest_side(self._xy(across, along))),
                     key=lambda cell: abs(cell - a))
        row = min(work.along, key=lambda cell: abs(cell - b))
        slack = constants.GRID_METERS / 2
        if abs(across - column) < slack:
            if abs(along - row) < slack:
                return constants.TOGGLE_GRIPPER
            return self._move(1 - work.across, row - along)
        if abs(along - b) < _BESIDE_METERS:  # A finger would push it: past its end first.
            away = along - b if along != b else 1.0
            ahead = along + np.sign(away) * constants.GRID_METERS
            if not work.along[0] - slack < ahead < work.along[-1] + slack:
                return self._move(work.across, column - across)
            return self._move(1 - work.across, away)
        return self._move(work.across, column - across)

    def _carry(self, place) -> int:
        across, _ = self._coordinates(np.array(place[:2]))
        side = self._workspace.nearest_side(np.array(place[:2]))
        goal = self._workspace.inner(other_side(side))
        return self._move(self._workspace.across, goal - across)

    def _side_of(self, point) -> int:
        return self._workspace.nearest_side(self._xy(*point))

    def _coordinates(self, position: np.ndarray):
        return position[self._workspace.across], position[1 - self._workspace.across]

    def _xy(self, across: float, along: float) -> np.ndarray:
        return np.array(self._workspace.place(across, along, False)[:2])

    @staticmethod
    def _move(axis: int, way: float) -> int:
        return constants.MOVES.index((axis, 1 if way > 0 else -1))
