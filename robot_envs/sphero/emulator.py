"""The Sphero and the camera above it, driven by its twin."""

from __future__ import annotations

import socket
import time
from typing import Any, Dict, List, Optional, Tuple

import numpy as np

from robot_envs.emulators.emulator import Emulator
from robot_envs.emulators.faults import Faults
from robot_envs.sphero import constants
from robot_envs.sphero import radio_protocol as radio
from robot_envs.sphero.connection import EMULATOR_PORT
from robot_envs.sphero.emulated_camera import EmulatedCamera
from robot_envs.sphero.emulated_ollie import EmulatedOllie
from robot_envs.sphero.twin import SpheroTwin

_NAME = '2B-TWIN'
_STEP_SECONDS = 0.01
_MOST_STEPS = 20  # At once; a busy machine makes the robot slow rather than late.
_FAULTS = ('lost', 'latency', 'crc', 'frozen', 'disconnect', 'frozen_camera', 'battery')


class SpheroEmulator(Emulator):
    """Speaks an Ollie's packets over `radio_protocol`, and serves the camera's pictures.

    The radio link is UDP and the camera TCP, both at `port`.
    """

    def __init__(self, *, address: str, port: int, seed: int = 0):
        """Puts the twin at its start and listens.

        Args:
            address: on this machine, 127.x.y.z.
            port: 0 is any free one.
            seed: of the first heading, of the camera's noise and of lost packets.

        Raises:
            OSError: address or port cannot be used.
        """
        self.faults = Faults(seed=seed, names=_FAULTS)
        self._camera = EmulatedCamera(address, port, self.faults, seed=seed)
        self.port = self.camera_port = self._camera.port
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind((address, self.port))
        self._twin = SpheroTwin(seed=seed)
        self._ollie = EmulatedOllie()
        self._client: Optional[Tuple[str, int]] = None
        self._connected = False
        self._began = self._alive = self._moved = self._off_since = time.monotonic()
        self._longest = 0.0
        self._strongest = 0

    def step(self, now: float) -> None:
        """Takes in packets, moves the twin to `now`, answers, takes a picture."""
        self._ollie.battery_low = bool(self.faults.values.get('battery'))
        for packet in self.faults.incoming(self._received(), now):
            for answer in self._take(packet, now):
                self._send(self.faults.outgoing(answer, now))
        self._send(self.faults.due(now))
        if self._connected and now - self._alive > radio.SUPERVISION_SECONDS:
            self._connected = False
            self._ollie.disconnect()
        self._ollie.step(now)
        self._account(now)
        self._move(now)
        if self._camera.is_due(now):
            self._camera.take(self._twin.read().values['position'], now)
        self._camera.send(now)

    def truth(self) -> Dict[str, Any]:
        """Returns where it is, its motors, since when they are off, and the extremes so far."""
        values = self._twin.read().values
        return {
            'time': time.monotonic(),
            'position': values['position'].tolist(),
            'heading': float(values['heading']),
            'image': values['image'].tolist(),
            'motors': self._ollie.motors,
            'off_since': self._off_since,
            'connected': self._connected,
            'commands': self._ollie.commands,
            'extremes': {'raw': self._strongest, 'seconds_in_one_command': self._longest},
        }

    def close(self) -> None:
        """Closes the sockets."""
        self._socket.close()
        self._camera.close()
        self._twin.close()

    def _received(self) -> List[bytes]:
        packets = []
        while True:
            try:
                packet, self._client = self._socket.recvfrom(radio.MOST_BYTES)
                packets.append(packet)
            except OSError:  # Nothing more, or the client's port is closed.
                return packets

    def _take(self, packet: bytes, now: float) -> List[bytes]:
        kind = packet[:1]
        if kind == radio.SCAN:
            return [radio.SCANNED + f'{_NAME}|{self.port}'.encode()]
        if kind == radio.CONNECT:
            self._connected, self._alive = True, now
            self._ollie.connect()
            return [radio.CONNECTED]
        if not self._connected:
            return []
        self._alive = now
        if kind == radio.WRITE:
            uuid, data = packet[1:1 + radio.UUID_BYTES], packet[1 + radio.UUID_BYTES:]
            answers = self._ollie.write(uuid.decode(errors='replace'), data, now)
            return [radio.NOTIFY + answer for answer in answers]
        if kind == radio.DISCONNECT:
            self._connected = False
            self._ollie.disconnect()
        return []

    def _account(self, now: float) -> None:
        motors = self._ollie.motors
        self._strongest = max(self._strongest, *map(abs, motors))
        if motors == (0, 0):
            self._off_since = min(self._off_since, now)
        else:
            self._off_since = float('inf')
            self._longest = max(self._longest, now - self._ollie.moved_at)

    def _move(self, now: float) -> None:
        steps = min(int((now - self._moved) / _STEP_SECONDS), _MOST_STEPS)
        if steps:
            power = np.array(self._ollie.motors) / constants.MOTOR_SCALE_RAW
            self._twin.command(power, steps * _STEP_SECONDS)
            self._moved += steps * _STEP_SECONDS
        if steps == _MOST_STEPS:
            self._moved = now

    def _send(self, packets: List[bytes]) -> None:
        for packet in packets:
            if self._client is None:
                return
            try:
                self._socket.sendto(packet, self._client)
            except OSError:
                pass  # The client's machine does not take it; the robot does not care.


def make_emulator(*, address: str, port: Optional[int], seed: int) -> SpheroEmulator:
    """Returns the emulator for its process; the usual port if None."""
    return SpheroEmulator(
        address=address, port=EMULATOR_PORT if port is None else port, seed=seed)
