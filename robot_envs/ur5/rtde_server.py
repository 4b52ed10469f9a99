"""The controller's end of UR's Real-Time Data Exchange, TCP port 30004.

A frame is a big-endian u16 length, a u8 type and the rest. 'V' asks for a protocol version, 'v' for
the controller's, 'O' and 'I' set recipes of outputs and inputs up, 'S' starts, 'P' pauses, and 'U'
is data: a recipe's number and its values. (Universal Robots, RTDE guide.)
"""

from __future__ import annotations

import struct
from typing import Any, Dict, List, Tuple

import numpy as np

from robot_envs.emulators.faults import Faults
from robot_envs.emulators.tcp_connection import TcpConnection
from robot_envs.emulators.tcp_service import TcpService

PORT = 30004
CONTROLLER_VERSION = (5, 11, 0, 108)
_HEADER = struct.Struct('>HB')
_SLOWEST_HZ, _FASTEST_HZ = 1.0, 500.0
# Names beside the registers.
_OUTPUTS = {
    'timestamp': 'D', 'robot_status_bits': 'U', 'safety_status_bits': 'U', 'runtime_state': 'U',
    'robot_mode': 'I', 'safety_mode': 'I', 'safety_status': 'I', 'speed_scaling': 'D',
    'target_q': 'J', 'target_qd': 'J', 'target_moment': 'J', 'actual_q': 'J', 'actual_qd': 'J',
    'actual_current': 'J', 'actual_TCP_pose': 'J', 'actual_TCP_speed': 'J', 'actual_TCP_force': 'J',
    'target_TCP_pose': 'J',
}
_INPUTS = {
    'speed_slider_mask': 'U', 'speed_slider_fraction': 'D', 'standard_digital_output_mask': 'B',
    'standard_digital_output': 'B', 'configurable_digital_output_mask': 'B',
    'configurable_digital_output': 'B', 'tool_digital_output_mask': 'B', 'tool_digital_output': 'B',
    'standard_analog_output_mask': 'B', 'standard_analog_output_type': 'B',
    'standard_analog_output_0': 'D', 'standard_analog_output_1': 'D', 'external_force_torque': 'J',
}
# The guide's name, that of `struct`, how many.
_TYPES = {'B': ('UINT8', 'B', 1), 'U': ('UINT32', 'I', 1), 'I': ('INT32', 'i', 1),
          'D': ('DOUBLE', 'd', 1), 'J': ('VECTOR6D', 'd', 6), '': ('NOT_FOUND', 'x', 0)}


class _Client:
    """A connection's recipes."""

    def __init__(self, connection: TcpConnection):
        self.connection = connection
        self.outputs: List[str] = []
        self.inputs: List[List[str]] = []
        self.period = 1.0
        self.due: float = np.inf  # Not started.


class RtdeServer:
    """Serves any number of clients; what they send is merged into `inputs`.

    Attributes:
        inputs: {name: value} as last sent.
        arrived: when 'input_int_register_0', which the watchdog looks at, was sent last.
    """

    def __init__(self, address: str, faults: Faults):
        """Listens.

        Raises:
            OSError: the address cannot be used.
        """
        self.inputs: Dict[str, Any] = {}
        self.arrived = 0.0
        self._service = TcpService(address, PORT, faults)
        self._clients: Dict[TcpConnection, _Client] = {}

    def step(self, now: float) -> None:
        """Answers, and takes in what was sent."""
        self._service.step(now)
        self._clients = {one: self._clients.get(one) or _Client(one)
                         for one in self._service.connections}
        for client in self._clients.values():
            received = client.connection.received
            while len(received) >= _HEADER.size:
                length, kind = _HEADER.unpack_from(received)
                if length < _HEADER.size:
                    client.connection.close()
                    break
                if len(received) < length:
                    break
                payload = bytes(received[_HEADER.size:length])
                del received[:length]
                self._handle(client, chr(kind), payload, now)

    def send(self, values: Dict[str, Any], now: float) -> None:
        """Sends the state to whom it is due; names that are not in `values` are 0."""
        for client in self._clients.values():
            if now < client.due:
                continue
            client.due = max(client.due + client.period, now)
            data = bytearray([1])
            for name in client.outputs:
                _, code, count = _TYPES[_type(name)]
                value = np.broadcast_to(values.get(name, 0), count).tolist()
                data += struct.pack(f'>{count}{code}', *value)
            client.connection.send(_frame('U', bytes(data)), now)

    def close(self) -> None:
        """Gives the port back."""
        self._service.close()

    def _handle(self, client: _Client, kind: str, payload: bytes, now: float) -> None:
        connection = client.connection
        if kind == 'U':
            self._take(client, payload, now)
        elif kind == 'V':
            connection.send(_frame('V', b'\x01'), now)
        elif kind == 'v':
            connection.send(_frame('v', struct.pack('>4I', *CONTROLLER_VERSION)), now)
        elif kind == 'O':
            rate = struct.unpack_from('>d', payload)[0]
            client.period = 1 / min(max(rate, _SLOWEST_HZ), _FASTEST_HZ)
            client.outputs = _names(payload[8:])
            connection.send(_frame('O', b'\x01' + _type_names(client.outputs)), now)
        elif kind == 'I':
            client.inputs.append(_names(payload))
            number = bytes([len(client.inputs)])
            connection.send(_frame('I', number + _type_names(client.inputs[-1])), now)
        elif kind in 'SP':
            client.due = now if kind == 'S' else np.inf
            connection.send(_frame(kind, b'\x01'), now)

    def _take(self, client: _Client, payload: bytes, now: float) -> None:
        number, at = payload[0], 1
        if not 1 <= number <= len(client.inputs):
            return
        for name in client.inputs[number - 1]:
            _, code, count = _TYPES[_type(name)]
            form = struct.Struct(f'>{count}{code}')
            values: Tuple[Any, ...] = form.unpack_from(payload, at)
            at += form.size
            self.inputs[name] = values[0] if count == 1 else list(values)
            if name == 'input_int_register_0':
                self.arrived = now


def _frame(kind: str, payload: bytes) -> bytes:
    return _HEADER.pack(_HEADER.size + len(payload), ord(kind)) + payload


def _names(payload: bytes) -> List[str]:
    return [name for name in payload.decode().split(',') if name]  # Clients end with a comma.


def _type(name: str) -> str:
    """Returns the key of `_TYPES`; that of nothing for what this controller does not know."""
    if name.startswith(('output_int_register', 'input_int_register')):
        return 'I'
    if name.startswith(('output_double_register', 'input_double_register')):
        return 'D'
    return _OUTPUTS.get(name) or _INPUTS.get(name, '')


def _type_names(names: List[str]) -> bytes:
    return ','.join(_TYPES[_type(name)][0] for name in names).encode()
