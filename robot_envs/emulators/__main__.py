"""Emulates a robot: `python -m robot_envs.emulators --robot=a1 --address=127.0.7.1`.

Orders come as lines on the standard input, or as datagrams at the control port, which answers with
JSON: 'lost 0.5' and so on switches a fault on, 'lost 0' off, 'clear' all off, 'truth' tells what
the twin does.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import socket
import sys
import time
from typing import Any, Dict, Optional, Sequence

from robot_envs.command_line import CommandLine
from robot_envs.emulators.emulator import Emulator
from robot_envs.emulators.faults import FAULTS
from robot_envs.process_priority import raise_priority

# Robot -> module with make_emulator(address, port, seed).
_ROBOTS = {'a1': 'robot_envs.a1.emulator', 'sphero': 'robot_envs.sphero.emulator',
           'ur5': 'robot_envs.ur5.emulator', 'xarm': 'robot_envs.xarm.emulator'}
_PERIOD_SECONDS = 0.002


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Emulates until it is told to end; returns 1 when the address cannot be used."""
    faults = '; '.join(f'{name}: {text}' for name, text in FAULTS.items())
    parser = CommandLine(
        'emulators', prog='python -m robot_envs.emulators',
        description='Emulates a robot on this machine.',
        epilog=f'Orders, as lines on the standard input: {faults}; clear; truth.')
    parser.add_argument('--robot', required=True, help=', '.join(_ROBOTS))
    parser.add_argument('--address', default='127.0.7.1', help='default: %(default)s')
    parser.add_argument('--port', type=int, help="of the motor board, the radio link or an arm's "
                        'camera; default: the usual one; 0 is any free one')
    parser.add_argument('--control_port', type=int, default=0, help='UDP; 0 is any free one')
    parser.add_argument('--seed', type=int, default=0, help="of the twin's pose (default: 0)")
    parser.add_argument('--until_eof', action='store_true',
                        help='end with the standard input, as a child does with its parent')
    flags = parser.parse_args(argv)
    if flags.robot not in _ROBOTS:
        parser.error(f"unknown robot {flags.robot!r}; choose one of: {', '.join(_ROBOTS)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    raise_priority()  # it stands for a computer of its own
    # Before NumPy is imported: threads for small matrices wait for each other on a busy machine.
    os.environ.setdefault('OPENBLAS_NUM_THREADS', '1')
    try:
        emulator = importlib.import_module(_ROBOTS[flags.robot]).make_emulator(
            address=flags.address, port=flags.port, seed=flags.seed)
        control = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        control.bind((flags.address, flags.control_port))
    except PermissionError as error:
        return parser.fail(f'only root may listen at {flags.address} ({error}); or allow it: '
                           'sysctl net.ipv4.ip_unprivileged_port_start=0')
    except (OSError, OverflowError) as error:
        return parser.fail(f'cannot listen at {flags.address} ({error}): give another '
                           '--address=127.x.y.z or --port')
    print(json.dumps({'robot': flags.robot, 'address': flags.address, 'port': emulator.port,
                      'camera_port': emulator.camera_port,
                      'control_port': control.getsockname()[1]}), flush=True)
    try:
        _run(emulator, control, until_eof=flags.until_eof)
    except KeyboardInterrupt:
        pass
    finally:
        emulator.close()
        control.close()
    return 0


def _run(emulator: Emulator, control: socket.socket, *, until_eof: bool) -> None:
    """Steps in real time and obeys, until the standard input ends (if it matters)."""
    sources: list = [control, sys.stdin]
    due = time.monotonic()
    while True:
        now = time.monotonic()
        emulator.step(now)
        for source in select.select(sources, [], [], 0)[0]:
            if source is control:
                data, sender = control.recvfrom(1024)
                control.sendto(json.dumps(_obey(emulator, data.decode())).encode(), sender)
                continue
            line = sys.stdin.readline()
            if line:
                print(json.dumps(_obey(emulator, line)), flush=True)
            elif until_eof:
                return
            else:
                sources.remove(source)
        due = max(due + _PERIOD_SECONDS, time.monotonic() - _PERIOD_SECONDS)
        time.sleep(max(0.0, due - time.monotonic()))


def _obey(emulator: Emulator, line: str) -> Dict[str, Any]:
    """Carries out one order; returns the faults that are on, the truth, or an error."""
    name, _, value = line.strip().partition(' ')
    if name == 'truth':
        return emulator.truth()
    try:
        emulator.faults.set(name, float(value or 1))
    except ValueError as error:
        return {'error': str(error)}
    return {'faults': emulator.faults.values, 'time': time.monotonic()}


if __name__ == '__main__':
    sys.exit(main())
