"""Where an arm may be: two bins on a grid, at the table or hovering."""

from __future__ import annotations

from typing import NamedTuple, Tuple

import numpy as np

from robot_envs.arms import constants


class Place(NamedTuple):
    """A place of the tool point.

    Attributes:
        x: metres in the base frame.
        y: metres in the base frame.
        hover: over the bins, else at the table.
    """

    x: float
    y: float
    hover: bool


class Workspace(NamedTuple):
    """The cells of both bins in a robot's base frame, all in metres.

    Attributes:
        across: axis from one bin to the other, 0 is x and 1 is y.
        left: coordinates along `across` of the left bin's cells, ascending.
        right: of the right bin's.
        along: coordinates of the cells along the other axis, ascending.
        table: height of the tool point at the table.
        hover: height of the tool point when it hovers.
    """

    across: int
    left: Tuple[float, ...]
    right: Tuple[float, ...]
    along: Tuple[float, ...]
    table: float
    hover: float

    def cells(self, side: int) -> Tuple[float, ...]:
        """Returns the coordinates along `across` of a bin's cells."""
        return self.left if side == constants.LEFT else self.right

    def inner(self, side: int) -> float:
        """Returns the coordinate along `across` of a bin's cells that are next to the other bin."""
        other = np.mean(self.cells(other_side(side)))
        return min(self.cells(side), key=lambda cell: abs(cell - other))

    def side(self, position: np.ndarray) -> int:
        """Returns LEFT, RIGHT or OTHER for a tool at `position`, (2,) or (3,) metres."""
        margin = constants.SIDE_MARGIN_METERS
        along = position[1 - self.across]
        if not self.along[0] - margin <= along <= self.along[-1] + margin:
            return constants.OTHER
        for side in (constants.LEFT, constants.RIGHT):
            cells = self.cells(side)
            if cells[0] - margin <= position[self.across] <= cells[-1] + margin:
                return side
        return constants.OTHER

    def nearest_side(self, position: np.ndarray) -> int:
        """Returns LEFT or RIGHT, whichever is nearer to `position`, (2,) or (3,) metres."""
        distances = [abs(position[self.across] - np.mean(self.cells(side)))
                     for side in (constants.LEFT, constants.RIGHT)]
        return constants.LEFT if distances[0] <= distances[1] else constants.RIGHT

    def nearest_place(self, position: np.ndarray) -> Place:
        """Returns the cell that is nearest to a tool at `position`, (3,) metres."""
        across, along = position[self.across], position[1 - self.across]
        return self.place(
            min(self.cells(self.nearest_side(position)), key=lambda cell: abs(cell - across)),
            min(self.along, key=lambda cell: abs(cell - along)),
            bool(position[2] > (self.table + self.hover) / 2))

    def place(self, across: float, along: float, hover: bool) -> Place:
        """Returns the `Place` with these coordinates along the two axes."""
        x, y = (across, along) if self.across == 0 else (along, across)
        return Place(x, y, hover)

    def random_place(self, side: int, random: np.random.Generator) -> Place:
        """Returns a cell of the bin's middle, at the table; all of them are equally likely.

        The published system too chose from the middle part of its bins.
        """
        middle = len(self.along) // 2
        rows = self.along[middle - 1:middle + 2]
        return self.place(random.choice(self.cells(side)), random.choice(rows), False)

    def position(self, place: Place) -> np.ndarray:
        """Returns the tool point's (3,) in metres."""
        return np.array([place.x, place.y, self.hover if place.hover else self.table])


def other_side(side: int) -> int:
    """Returns RIGHT for LEFT and LEFT for RIGHT."""
    return constants.LEFT + constants.RIGHT - side


def next_place(workspace: Workspace, place: Place, action: int, holding: bool) -> Place:
    """Returns where an action brings the arm; the same place where it may not go.

    Moves stay in the bin, but for a hovering arm that holds something: from the cells next to the
    other bin it crosses to that bin's nearest ones. At the table only an arm that holds something
    lifts.

    Args:
        workspace: of the arm.
        place: where it is, on a cell of a bin.
        action: 0 to 3 or `TOGGLE_HEIGHT`.
        holding: whether the gripper holds something.
    """
    if action == constants.TOGGLE_HEIGHT:
        return place._replace(hover=not place.hover and holding)
    axis, sign = constants.MOVES[action]
    here = place[:2]
    target = here[axis] + sign * constants.GRID_METERS
    side = workspace.nearest_side(np.array(here))
    cells = workspace.cells(side) if axis == workspace.across else workspace.along
    slack = constants.GRID_METERS / 10
    if cells[0] - slack <= target <= cells[-1] + slack:
        target = min(cells, key=lambda cell: abs(cell - target))
    elif axis == workspace.across and place.hover and holding:
        goal = workspace.inner(other_side(side))
        target = goal if (goal - here[axis]) * sign > 0 else here[axis]
    else:
        target = here[axis]
    return place._replace(x=target) if axis == 0 else place._replace(y=target)
