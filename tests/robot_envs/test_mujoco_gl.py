"""Physics never needs a GL library; pictures without one say which package brings it."""

import ctypes.util
import os
import subprocess
import sys

import pytest

from robot_envs import mujoco_gl
from robot_envs.errors import RobotError


def _run(code: str, **variables: str) -> str:
    """Runs `code` in a fresh Python that cannot find any GL library; returns what it printed."""
    hide = 'import ctypes.util; ctypes.util.find_library = lambda name: None\n'
    environment = {key: value for key, value in os.environ.items()
                   if key not in ('MUJOCO_GL', 'PYOPENGL_PLATFORM', 'DISPLAY')}
    environment.update(variables, PYTHONPATH=os.pathsep.join(sys.path), TF_CPP_MIN_LOG_LEVEL='3')
    done = subprocess.run([sys.executable, '-c', hide + code], env=environment, text=True,
                          capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize('wanted', [
    '', 'osmesa', pytest.param('egl', marks=pytest.mark.long)])
def test_robots_run_without_a_gl_library(wanted):
    """Also when the user's MUJOCO_GL asks for one that is not there."""
    out = _run(
        'import numpy as np, sys\n'
        'from robot_envs import registry\n'
        'from robot_envs.errors import RobotError\n'
        'for name in registry.names():\n'
        '    env = registry.make(name, seed=0)\n'
        '    spec = env.action_spec()\n'
        '    env.reset(); env.step(np.zeros(spec.shape, spec.dtype))\n'
        'assert "OpenGL" not in sys.modules\n'
        'print(registry.make("sphero", seed=0).render().shape)\n'
        'for make in (lambda: registry.make("a1", seed=0).render(),\n'
        '             lambda: registry.make("sphero", seed=0, picture="mujoco")):\n'
        '    try:\n'
        '        make()\n'
        '    except RobotError as error:\n'
        '        print("refused:", error)\n',
        **({'MUJOCO_GL': wanted} if wanted else {}))
    lines = out.strip().splitlines()
    assert lines[0].startswith('(256, ')
    assert len(lines) == 3
    for line in lines[1:]:
        assert line.startswith('refused: ') and 'libosmesa6' in line and 'libegl1' in line


def _only(*libraries):
    return lambda name: name if name in libraries else None


@pytest.mark.parametrize('wanted, there, chosen', [
    ('', ('OSMesa', 'EGL'), 'osmesa'),
    ('', ('EGL',), 'egl'),
    ('', (), 'disabled'),
    ('egl', ('OSMesa', 'EGL'), 'egl'),
    ('egl', ('OSMesa',), 'disabled'),
    ('OSMesa ', ('OSMesa',), 'osmesa'),
    ('glfw', (), 'glfw'),
])
def test_choice_of_the_backend(monkeypatch, wanted, there, chosen):
    monkeypatch.setattr(ctypes.util, 'find_library', _only(*there))
    assert mujoco_gl.choose_backend(wanted) == chosen


def test_unknown_backend_is_one_line():
    with pytest.raises(RobotError, match="MUJOCO_GL='gpu' is unknown; choose one of: osmesa, egl"):
        mujoco_gl.choose_backend('gpu')
