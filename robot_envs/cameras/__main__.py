"""Serves a camera of this computer to others: `python -m robot_envs.cameras --source=0`.

A robot elsewhere sees it with `CameraSettings.kind = "remote"` and this computer's address and
port. Whole pictures are sent, without compression: 640 x 480 at 30 Hz are 28 MB a second.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from typing import Optional, Sequence

from robot_envs.cameras.camera_settings import REMOTE_PORT, CameraSettings
from robot_envs.cameras.frame_server import FrameServer
from robot_envs.cameras.open_camera import open_camera
from robot_envs.command_line import CommandLine
from robot_envs.errors import RobotError

_POLL_SECONDS = 0.005


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Serves until it is ended; returns 1 when the camera or the port cannot be used, or the camera
    fails."""
    parser = CommandLine('cameras', prog='python -m robot_envs.cameras',
                         description='Serves a camera to other computers.')
    parser.add_argument('--kind', default='opencv', choices=('opencv', 'realsense'))
    parser.add_argument('--source', default='0', help='number, file or URL; serial number of a '
                        'RealSense (default: 0, of a RealSense any)')
    parser.add_argument('--address', default='', help='to listen at; default: all of this computer')
    parser.add_argument('--port', type=int, default=REMOTE_PORT, help='default: %(default)s')
    parser.add_argument('--width', type=int, default=0, help="pixels; default: the camera's own")
    parser.add_argument('--height', type=int, default=0)
    parser.add_argument('--rate_hz', type=int, default=0)
    parser.add_argument('--depth', action='store_true', help='of a RealSense')
    flags = parser.parse_args(argv)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        source = '' if flags.kind == 'realsense' and flags.source == '0' else flags.source
        return _serve(flags, CameraSettings(
            kind=flags.kind, source=source, width=flags.width, height=flags.height,
            rate_hz=flags.rate_hz, depth=flags.depth), stop)
    except (RobotError, OSError, OverflowError) as error:
        return parser.fail(error)


def _serve(flags: argparse.Namespace, settings: CameraSettings, stop: threading.Event) -> int:
    server = FrameServer(flags.address, flags.port)
    try:
        camera = open_camera(settings)
        try:
            frame = camera.read()
            print(json.dumps({'port': server.port, 'height': frame.image.shape[0],
                              'width': frame.image.shape[1]}), flush=True)
            while not stop.is_set():
                server.publish(camera.read())
                stop.wait(_POLL_SECONDS)
        finally:
            camera.close()
    finally:
        server.close()
    return 0


if __name__ == '__main__':
    sys.exit(main())
