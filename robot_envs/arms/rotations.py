"""Rotation vectors: their direction is the axis, their length the angle in radians."""

from __future__ import annotations

import numpy as np

_SMALL = 1e-9


def matrix(vector: np.ndarray) -> np.ndarray:
    """Returns the rotation matrix (3, 3) of a rotation vector (3,) (Rodrigues)."""
    angle = float(np.linalg.norm(vector))
    if angle < _SMALL:
        return np.eye(3)
    x, y, z = np.asarray(vector, np.float64) / angle
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


def vector(rotation: np.ndarray) -> np.ndarray:
    """Returns the rotation vector (3,) of a rotation matrix (3, 3), of 0 to pi radians."""
    angle = np.arccos(np.clip((np.trace(rotation) - 1) / 2, -1, 1))
    if angle < _SMALL:
        return np.zeros(3)
    if np.pi - angle > 1e-4:
        twice = np.array([rotation[2, 1] - rotation[1, 2], rotation[0, 2] - rotation[2, 0],
                          rotation[1, 0] - rotation[0, 1]])
        return angle * twice / (2 * np.sin(angle))
    # Close to half a turn: R + I = 2 a a', whose largest column gives the axis a.
    columns = rotation + np.eye(3)
    axis = columns[:, np.argmax(np.diag(columns))]
    return angle * axis / np.linalg.norm(axis)


def angle_between(start: np.ndarray, end: np.ndarray) -> float:
    """Returns the radians from one rotation to another, both rotation vectors (3,)."""
    return float(np.linalg.norm(vector(matrix(start).T @ matrix(end))))


def between(start: np.ndarray, end: np.ndarray, share: float) -> np.ndarray:
    """Returns the rotation at `share` (0 to 1) of the shortest way, all rotation vectors (3,)."""
    way = vector(matrix(start).T @ matrix(end))
    return vector(matrix(start) @ matrix(share * way))


def near(rotation: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Returns the same rotation as the vector (3,) that is on the side of `other` (3,)."""
    angle = np.linalg.norm(rotation)
    if angle > _SMALL and rotation @ other < 0:
        return rotation * (1 - 2 * np.pi / angle)
    return rotation


def roll_pitch_yaw(rotation: np.ndarray) -> np.ndarray:
    """Returns roll, pitch and yaw (3,) in radians of a matrix Rz(yaw) Ry(pitch) Rx(roll)."""
    return np.array([np.arctan2(rotation[2, 1], rotation[2, 2]),
                     np.arctan2(-rotation[2, 0], np.hypot(rotation[2, 1], rotation[2, 2])),
                     np.arctan2(rotation[1, 0], rotation[0, 0])])


def from_roll_pitch_yaw(angles: np.ndarray) -> np.ndarray:
    """Returns the rotation vector (3,) of roll, pitch and yaw (3,) in radians."""
    roll, pitch, yaw = np.eye(3) * np.asarray(angles)
    return vector(matrix(yaw) @ matrix(pitch) @ matrix(roll))
