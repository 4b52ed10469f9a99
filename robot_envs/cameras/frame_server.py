"""Lets other processes, here or on other machines, see pictures."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Optional, Set

from robot_envs.cameras import frame_protocol
from robot_envs.cameras.camera_frame import CameraFrame
from robot_envs.clock import Clock

_CLIENT_SECONDS = 10.0


class FrameServer:
    """Gives the newest published picture to every `RemoteCamera` that asks, in threads.

    It asks nobody for a password: it belongs into the robot's own network.

    Attributes:
        port: where it listens.
    """

    def __init__(self, address: str, port: int, clock: Optional[Clock] = None):
        """Listens.

        Args:
            address: of this machine; '' is all of them.
            port: TCP; 0 is any free one.
            clock: of the frames' times; the machine's own if None.

        Raises:
            OSError: address or port cannot be used.
        """
        self._clock = clock or Clock()
        self._changed = threading.Condition()
        self._frame: Optional[CameraFrame] = None
        self._closed = False
        self._clients: Set[socket.socket] = set()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.bind((address, port))
            self._socket.listen()
        except BaseException:
            self._socket.close()
            raise
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._accept, name='frame server', daemon=True).start()

    def publish(self, frame: CameraFrame) -> None:
        """Shows `frame` from now on; its time is that of this machine's clock."""
        with self._changed:
            self._frame = frame
            self._changed.notify_all()

    def close(self) -> None:
        """Ends all connections. Harmless when called again."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            sockets = [self._socket, *self._clients]
        for each in sockets:
            with contextlib.suppress(OSError):  # Wakes a thread that waits in it.
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        while not self._closed:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            with self._changed:
                self._clients.add(client)
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        client.settimeout(_CLIENT_SECONDS)
        with contextlib.suppress(OSError):
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            receive = frame_protocol.receiver(client)
            while not self._closed:
                number = frame_protocol.read_request(receive)
                client.sendall(self._answer(number, self._clock.now()))
        with self._changed:
            self._clients.discard(client)
        client.close()

    def _answer(self, number: int, asked: float) -> bytes:
        """Returns the answer to a request that came at the time `asked`, when there is one."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._closed or (self._frame and self._frame.number != number),
                frame_protocol.KEEP_ALIVE_SECONDS)
            frame = self._frame
        now = self._clock.now()
        if frame is None or frame.number == number:
            return frame_protocol.answer(None, age=0.0, waited=now - asked)
        return frame_protocol.answer(frame, age=max(0.0, now - frame.time), waited=now - asked)
