"""Pictures over TCP: plain numbers and pixels, nothing that could be executed.

A client sends a request, the number of the last picture that it has; the server answers as soon as
it has another one, or after `KEEP_ALIVE_SECONDS` with none. Little-endian:

    request   i64 number, -1 for none
    answer    4s b'DCAM', u16 version, u16 flags (1: a picture follows, 2: with depth), i64 number,
              f64 age of the picture when sent, f64 time since the request came, u32 height,
              u32 width; then image uint8 (height, width, 3), depth float32 (height, width)
"""

from __future__ import annotations

import socket
import struct
from typing import Callable, NamedTuple, Optional

import numpy as np

from robot_envs.cameras.camera_frame import CameraFrame

KEEP_ALIVE_SECONDS = 0.2
NO_NUMBER = -1
_MAGIC, _VERSION = b'DCAM', 1
_REQUEST = struct.Struct('<q')
_ANSWER = struct.Struct('<4sHHqddII')
_PICTURE, _DEPTH = 1, 2
_MOST_PIXELS = 4096 * 4096


class Answer(NamedTuple):
    """What came from a server.

    Attributes:
        frame: its time is 0; None when there is no newer one.
        age: seconds from taking the picture to sending it.
        waited: seconds from the request's arrival to sending.
    """

    frame: Optional[CameraFrame]
    age: float
    waited: float


def request(number: int) -> bytes:
    """Returns the request for a picture with another number than `number`."""
    return _REQUEST.pack(number)


def read_request(receive: Callable[[int], bytes]) -> int:
    """Returns the number of a request; `receive` gives exactly as many bytes as it is asked for."""
    return _REQUEST.unpack(receive(_REQUEST.size))[0]


def answer(frame: Optional[CameraFrame], *, age: float, waited: float) -> bytes:
    """Returns the bytes of an answer; see `Answer`."""
    if frame is None:
        return _ANSWER.pack(_MAGIC, _VERSION, 0, NO_NUMBER, 0.0, waited, 0, 0)
    flags = _PICTURE if frame.depth is None else _PICTURE | _DEPTH
    height, width = frame.image.shape[:2]
    head = _ANSWER.pack(_MAGIC, _VERSION, flags, frame.number, age, waited, height, width)
    depth = b'' if frame.depth is None else frame.depth.astype('<f4').tobytes()
    return head + frame.image.astype(np.uint8).tobytes() + depth


def read_answer(receive: Callable[[int], bytes]) -> Answer:
    """Returns what a server has sent.

    Args:
        receive: gives exactly as many bytes as it is asked for.

    Raises:
        ValueError: it is no server of pictures, of another version, or sends nonsense.
    """
    magic, version, flags, number, age, waited, height, width = _ANSWER.unpack(
        receive(_ANSWER.size))
    if magic != _MAGIC or version != _VERSION:
        raise ValueError(f'it is no server of pictures of version {_VERSION}')
    if not flags & _PICTURE:
        return Answer(None, 0.0, waited)
    if not 0 < height * width <= _MOST_PIXELS or not age >= 0:
        raise ValueError(f'a picture of {height} x {width} pixels, {age} s old')
    image = np.frombuffer(receive(3 * height * width), np.uint8).reshape(height, width, 3)
    depth = None
    if flags & _DEPTH:
        depth = np.frombuffer(receive(4 * height * width), '<f4').reshape(height, width, 1)
    return Answer(CameraFrame(image, depth, number, 0.0), age, waited)


def receiver(connection: socket.socket) -> Callable[[int], bytes]:
    """Returns a function that receives exactly as many bytes as it is asked for, or raises OSError
    when the other end is gone or silent for the socket's timeout."""
    def receive(count: int) -> bytes:
        data = bytearray()
        while len(data) < count:
            part = connection.recv(min(count - len(data), 1 << 20))
            if not part:
                raise ConnectionError('the other end has closed the connection')
            data += part
        return bytes(data)
    return receive
