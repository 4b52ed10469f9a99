"""Imports MuJoCo so that physics never needs a GL library, and makes its renderer on demand."""

from __future__ import annotations

import ctypes.util
import os
import sys

from robot_envs.errors import RobotError

PACKAGES = {'osmesa': 'libosmesa6', 'egl': 'libegl1'}  # MUJOCO_GL -> Debian package.
LIBRARIES = {'osmesa': 'OSMesa', 'egl': 'EGL'}
_OTHERS = ('glfw', 'disabled')


def choose_backend(wanted: str = '') -> str:
    """Returns the value for MUJOCO_GL: `wanted`, or what is installed, or 'disabled'.

    Args:
        wanted: the user's own MUJOCO_GL; '' lets this function choose, OSMesa first because it
            needs no graphics driver.

    Raises:
        RobotError: `wanted` is no backend of MuJoCo's.
    """
    wanted = wanted.lower().strip()
    if wanted and wanted not in LIBRARIES and wanted not in _OTHERS:
        raise RobotError(f"MUJOCO_GL='{wanted}' is unknown; choose one of: "
                         f"{', '.join([*LIBRARIES, *_OTHERS])}")
    if wanted in LIBRARIES and not ctypes.util.find_library(LIBRARIES[wanted]):
        return 'disabled'
    if wanted:
        return wanted
    for name, library in LIBRARIES.items():
        if ctypes.util.find_library(library):
            return name
    return 'disabled'


def import_mujoco():
    """Returns the `mujoco` module, imported with an MUJOCO_GL that exists on this machine.

    MuJoCo reads MUJOCO_GL once, when it is imported; without it, it looks for a display, which a
    robot's computer seldom has.
    """
    if 'mujoco' not in sys.modules and sys.platform.startswith('linux'):
        os.environ['MUJOCO_GL'] = choose_backend(os.environ.get('MUJOCO_GL', ''))
    import mujoco
    return mujoco


def make_renderer(model, height: int, width: int):
    """Returns a `mujoco.Renderer`; the caller closes it, in the thread that made it.

    Raises:
        RobotError: no GL library, or it does not start; the line names the Debian package.
    """
    mujoco = import_mujoco()
    help_line = (f"install Debian's {PACKAGES['osmesa']} (MUJOCO_GL=osmesa) "
                 f"or {PACKAGES['egl']} (MUJOCO_GL=egl)")
    if os.environ.get('MUJOCO_GL', '') == 'disabled' or not hasattr(mujoco, 'GLContext'):
        raise RobotError(f"MuJoCo's renderer needs a GL library and finds none: {help_line}")
    try:
        return mujoco.Renderer(model, height, width)
    except Exception as error:  # Each GL binding raises its own kinds, from import to first use.
        reason = ' '.join(str(error).split()) or type(error).__name__
        raise RobotError(
            f"MuJoCo's renderer does not start ({reason[:120]}): {help_line}") from error
