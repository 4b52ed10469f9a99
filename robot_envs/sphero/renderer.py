"""Draws the arena from above with numpy alone, so that training needs no GL library."""

from __future__ import annotations

from typing import Optional, Sequence, Union

import numpy as np

from robot_envs.sphero import constants

Coordinates = Union[Sequence[float], np.ndarray]  # (2,)

_FLOOR = np.array([121, 83, 49], np.float32)
_WALL = np.array([68, 48, 31], np.float32)
_ROBOT = np.array([245, 245, 240], np.float32)
_SHADOW = np.array([28, 19, 12], np.float32)
_GOAL = np.array([94, 190, 110], np.float32)
_NOSE = np.array([48, 92, 200], np.float32)
_LAMP_ARENA = (0.35, 0.3)  # Where the floor is brightest.


class ArenaRenderer:
    """An anti-aliased picture of the arena, its walls and the robot as a disc.

    The camera looks straight down and is scaled to the picture along each axis apart, as the
    published system's crop is, so the disc is an ellipse where the picture's aspect is not the
    arena's.
    """

    def __init__(self, height: int, width: int, *, light: float = 1.0):
        """Prepares everything that does not move.

        Args:
            height: of the picture, in pixels.
            width: of the picture, in pixels.
            light: brightness of the room, 1 is usual.
        """
        wall = constants.WALL_METERS
        self._scale = np.array([
            width / (constants.ARENA_X_METERS + 2 * wall),
            height / (constants.ARENA_Y_METERS + 2 * wall),
        ], np.float32)  # Pixels a metre.
        self._columns = ((np.arange(width) + 0.5) / self._scale[0] - wall).astype(np.float32)
        self._rows = ((np.arange(height) + 0.5) / self._scale[1] - wall).astype(np.float32)
        self.light = light
        self._straight = self._columns, self._rows
        self._floor, self._robot = _FLOOR, _ROBOT
        self._ground = self._draw_ground()

    @property
    def light(self) -> float:
        """Brightness of the room; 1 is usual. May be changed between two pictures."""
        return self._light

    @light.setter
    def light(self, value: float) -> None:
        self._light = float(np.clip(value, constants.LIGHT_MIN, constants.LIGHT_MAX))

    def vary(self, shift: Coordinates, floor: np.ndarray, robot: np.ndarray) -> None:
        """Moves the camera and paints anew; zeros give the usual picture.

        Args:
            shift: of the camera, (2,) in metres to the right and up in the picture.
            floor: added to the floor's colour, (3,), 1 being full.
            robot: the same for the robot.
        """
        columns, rows = self._straight
        self._columns = (columns + shift[0]).astype(np.float32)
        self._rows = (rows - shift[1]).astype(np.float32)
        self._floor = np.clip(_FLOOR + 255 * np.asarray(floor, np.float32), 0, 255)
        self._robot = np.clip(_ROBOT + 255 * np.asarray(robot, np.float32), 0, 255)
        self._ground = self._draw_ground()

    def draw(
        self,
        position: Coordinates,
        *,
        heading: Optional[float] = None,
        goal: Optional[Coordinates] = None,
    ) -> np.ndarray:
        """Returns the picture, uint8 (height, width, 3).

        Args:
            position: of the robot's middle, (2,) in arena units.
            heading: if given, in radians counter-clockwise from the picture's right, a mark shows
                where the robot's front is. The task's picture never has it.
            goal: if given, (2,) in arena units, a ring of the success distance is drawn there.
        """
        picture = self._ground.copy()
        if goal is not None:
            self._draw_goal(picture, goal)
        middle = _meters(position)
        radius = constants.ROBOT_RADIUS_METERS
        shade = middle + np.array([0.012, 0.014], np.float32)
        self._draw_disc(picture, shade, radius * 1.08, _SHADOW, opacity=0.45, soft_px=2.5)
        self._draw_disc(picture, middle, radius, self._robot, dome=0.22)
        if heading is not None:
            ahead = np.array([np.cos(heading), -np.sin(heading)], np.float32)
            self._draw_disc(picture, middle + 0.6 * radius * ahead, radius * 0.3, _NOSE)
        return np.clip(picture * self._light + 0.5, 0, 255).astype(np.uint8)

    def _draw_ground(self) -> np.ndarray:
        x, y = self._columns[None, :], self._rows[:, None]
        inside_x = np.minimum(x, constants.ARENA_X_METERS - x) * self._scale[0]
        inside_y = np.minimum(y, constants.ARENA_Y_METERS - y) * self._scale[1]
        floor = np.clip(np.minimum(inside_x, inside_y) + 0.5, 0, 1)[..., None]
        away = ((x / constants.ARENA_X_METERS - _LAMP_ARENA[0]) ** 2
                + (y / constants.ARENA_Y_METERS - _LAMP_ARENA[1]) ** 2)
        glow = 1.08 - 0.22 * away[..., None]
        return ((floor * self._floor + (1 - floor) * _WALL) * glow).astype(np.float32)

    def _draw_goal(self, picture: np.ndarray, goal: Coordinates) -> None:
        reach = constants.SUCCESS_DISTANCE_ARENA
        x = self._columns[None, :] / constants.ARENA_X_METERS - goal[0]
        y = self._rows[:, None] / constants.ARENA_Y_METERS - goal[1]
        distance = np.sqrt(x * x + y * y)
        ring = np.clip(1.5 - np.abs(distance - reach) / reach * 12, 0, 1)
        filled = 0.25 * np.clip((reach - distance) / reach * 20, 0, 1)
        alpha = np.maximum(ring, filled)[..., None]
        picture += alpha * (_GOAL - picture)

    def _draw_disc(self, picture, middle, radius, colour, *, opacity=1.0, soft_px=1.0, dome=0.0):
        """Blends a disc into the patch of the picture that it covers.

        Args:
            picture: float32 (height, width, 3), changed in place.
            middle: (2,) in metres from the arena's upper left corner.
            radius: in metres.
            colour: (3,).
            opacity: 1 hides what is below.
            soft_px: width of the edge; 1 is plain anti-aliasing.
            dome: how much darker the rim is than the middle.
        """
        reach = radius + 2 * soft_px / self._scale
        left, right = np.searchsorted(self._columns, [middle[0] - reach[0], middle[0] + reach[0]])
        top, bottom = np.searchsorted(self._rows, [middle[1] - reach[1], middle[1] + reach[1]])
        x = (self._columns[left:right] - middle[0])[None, :] / radius
        y = (self._rows[top:bottom] - middle[1])[:, None] / radius
        squared = x * x + y * y
        # Distance to the ellipse's edge in pixels, to first order: f / |gradient of f|.
        slope = 2 * np.sqrt((x / (radius * self._scale[0])) ** 2
                            + (y / (radius * self._scale[1])) ** 2) + 1e-6
        edge_px = (squared - 1) / slope
        alpha = (opacity * np.clip(0.5 - edge_px / soft_px, 0, 1))[..., None]
        shaded = colour * (1 - dome * np.minimum(squared, 1))[..., None]
        patch = picture[top:bottom, left:right]
        patch += alpha * (shaded - patch)


def _meters(position: Coordinates) -> np.ndarray:
    return np.array([position[0] * constants.ARENA_X_METERS,
                     position[1] * constants.ARENA_Y_METERS], np.float32)
