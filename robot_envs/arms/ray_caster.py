"""Draws a MuJoCo model with numpy alone, so that training needs no GL library.

The rays are parallel, as from a camera that is far away with a long lens. That makes them cheap:
the distance along a ray to the plane of a box's face is linear in the picture's coordinates.
"""

from __future__ import annotations

from typing import List, NamedTuple, Sequence, Tuple

import numpy as np

from robot_envs.mujoco_gl import import_mujoco

mujoco = import_mujoco()

_FINE = 2  # Rays a pixel along each axis: anti-aliasing.
_FAR_METERS = 1e3
_SHADOW = 0.6
_EPSILON = 1e-6


class _Patch(NamedTuple):
    """The part of the fine picture that a geom can cover, and its coordinates.

    Attributes:
        rows: slice.
        columns: slice.
        x: (1, columns) metres to the right of the geom's middle.
        y: (rows, 1) metres above it.
    """

    rows: slice
    columns: slice
    x: np.ndarray
    y: np.ndarray


class RayCaster:
    """A picture and a depth picture of a model, from one of its cameras.

    Geoms that never move are drawn once. What moves throws a shadow straight down on them, which
    tells how high it is.
    """

    def __init__(self, model, data, *, camera: str, size_px: int, distance_meters: float,
                 floor_meters: float, shadows: Sequence[str]):
        """Prepares everything that does not move.

        Args:
            model: `mujoco.MjModel`; invisible geoms (alpha 0) are left out, and so are types other
                than box, sphere and capsule.
            data: of the model, with its kinematics computed.
            camera: name; what lies `distance_meters` before it is seen as MuJoCo's renderer does.
            size_px: height and width of the picture.
            distance_meters: from the camera to the picture's middle.
            floor_meters: height in the world that shadows fall on.
            shadows: names of the moving geoms that throw one, boxes and spheres.
        """
        self._model = model
        camera_id = model.camera(camera).id
        self._axes = data.cam_xmat[camera_id].reshape(3, 3).copy()  # Columns: right, up, back.
        self._middle = data.cam_xpos[camera_id] - distance_meters * self._axes[:, 2]
        self._floor_meters = floor_meters
        half_meters = distance_meters * np.tan(np.deg2rad(model.cam_fovy[camera_id]) / 2)
        self._fine_px = _FINE * size_px
        self._scale = self._fine_px / (2 * half_meters)  # Fine pixels a metre.
        grid = ((np.arange(self._fine_px) + 0.5) / self._scale - half_meters).astype(np.float32)
        self._x, self._y = grid, -grid
        lamp = model.light('lamp').id
        self._lamp = -data.light_xdir[lamp] @ self._axes
        self._ambient = float(model.light_ambient[lamp].mean())
        self._diffuse = float(model.light_diffuse[lamp].mean())
        visible = [i for i in range(model.ngeom) if model.geom_rgba[i, 3] > 0]
        still = [i for i in visible if model.body_weldid[model.geom_bodyid[i]] == 0]
        self._moving = [i for i in visible if i not in still]
        self._shadows = [model.geom(name).id for name in shadows]
        self._colours = (255 * model.geom_rgba[:, :3]).astype(np.float32)
        self._picture = np.zeros((self._fine_px, self._fine_px, 3), np.float32)
        self._depth = np.full(self._picture.shape[:2], _FAR_METERS, np.float32)
        self._draw_geoms(data, still)
        self._ground_picture, self._ground_depth = self._picture, self._depth
        points = (self._x[None, :, None] * self._axes[:, 0] + self._y[:, None, None]
                  * self._axes[:, 1] - self._depth[..., None] * self._axes[:, 2] + self._middle)
        self._ground_xy = points[..., :2].astype(np.float32)

    def draw(self, data, light: float = 1.0) -> Tuple[np.ndarray, np.ndarray]:
        """Returns the picture, uint8 (size, size, 3), and the depth, float32 (size, size).

        Depth is in metres along the view, 0 at the picture's middle and negative before it.

        Args:
            data: of the model, with its kinematics computed.
            light: brightness, 1 is usual.
        """
        self._picture = self._ground_picture.copy()
        self._depth = self._ground_depth.copy()
        self._draw_shadows(data)
        self._draw_geoms(data, self._moving)
        colours = _means(self._picture) * light + 0.5
        return np.clip(colours, 0, 255).astype(np.uint8), _means(self._depth)

    def _draw_geoms(self, data, geoms: List[int]) -> None:
        places = (data.geom_xpos[geoms] - self._middle) @ self._axes
        kinds = self._model.geom_type[geoms]
        for geom, place, kind in zip(geoms, places, kinds):
            if kind == mujoco.mjtGeom.mjGEOM_BOX:
                self._draw_box(data, geom, place)
            elif kind == mujoco.mjtGeom.mjGEOM_SPHERE:
                self._draw_sphere(geom, place)
            elif kind == mujoco.mjtGeom.mjGEOM_CAPSULE:
                self._draw_capsule(data, geom, place)

    def _draw_box(self, data, geom: int, place: np.ndarray) -> None:
        half = self._model.geom_size[geom]
        axes = self._axes.T @ data.geom_xmat[geom].reshape(3, 3)  # Columns: the box's, seen.
        reach = np.abs(axes) @ half
        patch = self._patch(place, reach[0], reach[1])
        if patch is None:
            return
        ahead = np.where(np.abs(axes[2]) < _EPSILON, _EPSILON, axes[2])
        near, far, shade = None, None, None
        for axis in range(3):
            middle = (patch.x * np.float32(axes[0, axis] / ahead[axis])
                      + patch.y * np.float32(axes[1, axis] / ahead[axis]))
            depth = np.float32(half[axis] / abs(ahead[axis]))
            normal = axes[:, axis] * np.sign(ahead[axis])
            bright = np.float32(self._ambient + self._diffuse * max(0.0, normal @ self._lamp))
            if axis == 0:
                near, far, shade = middle - depth, middle + depth, np.full_like(middle, bright)
            else:
                entry = middle - depth
                shade[entry > near] = bright
                np.maximum(near, entry, out=near)
                np.minimum(far, middle + depth, out=far)
        self._put(patch, near <= far, near - np.float32(place[2]), shade, geom)

    def _draw_sphere(self, geom: int, place: np.ndarray) -> None:
        radius = self._model.geom_size[geom, 0]
        patch = self._patch(place, radius, radius)
        if patch is not None:
            self._put_round(patch, patch.x, patch.y, np.float32(-place[2]), radius, geom)

    def _draw_capsule(self, data, geom: int, place: np.ndarray) -> None:
        radius, half = self._model.geom_size[geom, :2]
        axis = (self._axes.T @ data.geom_xmat[geom].reshape(3, 3)[:, 2]) * half
        patch = self._patch(place, abs(axis[0]) + radius, abs(axis[1]) + radius)
        if patch is None:
            return
        across = axis[0] ** 2 + axis[1] ** 2 + _EPSILON
        along = np.clip(patch.x * np.float32(axis[0] / across)
                        + patch.y * np.float32(axis[1] / across), -1, 1)
        self._put_round(patch, patch.x - along * np.float32(axis[0]),
                        patch.y - along * np.float32(axis[1]),
                        -np.float32(place[2]) - along * np.float32(axis[2]), radius, geom)

    def _put_round(self, patch: _Patch, x, y, depth, radius: float, geom: int) -> None:
        """Draws what lies within `radius` of an axis at (x, y) = 0 and `depth`."""
        squared = x * x + y * y
        inside = squared < radius * radius
        bulge = np.sqrt(np.maximum(radius * radius - squared, 0))
        facing = (x * np.float32(self._lamp[0]) + y * np.float32(self._lamp[1])
                  + bulge * np.float32(self._lamp[2]))
        shade = self._ambient + np.maximum(facing, 0) * np.float32(self._diffuse / radius)
        self._put(patch, inside, depth - bulge, shade, geom)

    def _put(self, patch: _Patch, inside, depth, shade, geom: int) -> None:
        before = self._depth[patch.rows, patch.columns]
        seen = inside & (depth < before)
        np.copyto(before, depth, where=seen)
        np.copyto(self._picture[patch.rows, patch.columns],
                  shade[..., None] * self._colours[geom], where=seen[..., None])

    def _draw_shadows(self, data) -> None:
        for geom in self._shadows:
            size = self._model.geom_size[geom]
            middle = data.geom_xpos[geom]
            if self._model.geom_type[geom] == mujoco.mjtGeom.mjGEOM_SPHERE:
                half = np.array([size[0], size[0]])
            else:
                half = (np.abs(data.geom_xmat[geom].reshape(3, 3)) @ size)[:2]
            on_floor = np.array([middle[0], middle[1], self._floor_meters])
            place = (on_floor - self._middle) @ self._axes
            reach = 1.5 * np.abs(self._axes[:2, :2].T) @ half
            patch = self._patch(place, reach[0], reach[1])
            if patch is None:
                continue
            away = self._ground_xy[patch.rows, patch.columns] - middle[:2].astype(np.float32)
            away = np.abs(away) / half.astype(np.float32)
            if self._model.geom_type[geom] == mujoco.mjtGeom.mjGEOM_SPHERE:
                dark = (away * away).sum(-1) < 1
            else:
                dark = away.max(-1) < 1
            ground = self._ground_picture[patch.rows, patch.columns]
            np.copyto(self._picture[patch.rows, patch.columns], ground * np.float32(_SHADOW),
                      where=dark[..., None])

    def _patch(self, place: np.ndarray, reach_x: float, reach_y: float):
        """Returns the `_Patch` within the reaches in metres of `place`, None if it is not seen."""
        half = self._fine_px / 2
        column, row = half + place[0] * self._scale, half - place[1] * self._scale
        left = max(0, int(column - reach_x * self._scale))
        right = min(self._fine_px, int(column + reach_x * self._scale) + 2)
        top = max(0, int(row - reach_y * self._scale))
        bottom = min(self._fine_px, int(row + reach_y * self._scale) + 2)
        if left >= right or top >= bottom:
            return None
        return _Patch(slice(top, bottom), slice(left, right),
                      self._x[None, left:right] - np.float32(place[0]),
                      self._y[top:bottom, None] - np.float32(place[1]))


def _means(fine: np.ndarray) -> np.ndarray:
    """Returns the mean of every two by two values."""
    rows = fine[0::2] + fine[1::2]
    return (rows[:, 0::2] + rows[:, 1::2]) * np.float32(0.25)
