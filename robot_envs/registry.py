"""Every robot by its name, ready to be trained on."""

from __future__ import annotations

import functools
import importlib
import inspect
import os
import sys
from typing import TYPE_CHECKING, Any, Callable, Dict, List, NamedTuple, Tuple

from robot_envs.errors import RobotError

if TYPE_CHECKING:  # TensorFlow takes seconds: `--help` and an unknown name must answer at once.
    from tf_agents.environments import py_environment

TWIN = 'twin'  # the backend that every robot has


class RobotEntry(NamedTuple):
    """What is known about a robot before it is made.

    Attributes:
        name: as in `--robot`.
        description: one line for `--help`.
        rate_hz: environment steps a second of the robot's own time.
        episode_steps: length of its episodes.
        backends: what can stand behind the task environment.
        module: where `make_<backend>(seed, **overrides)` is; imported when it is first made.
        gin_file: its settings, by path or by name in `gin/`; '' is `<name>.gin` if it is there.
        arguments: given to `make_<backend>` before the seed.
        curve_value: what of an episode its learning curve plots, as the paper does: 'mean_reward'
            a step, or 'return', the sum of the episode's rewards.
    """

    name: str
    description: str
    rate_hz: float
    episode_steps: int
    backends: Tuple[str, ...]
    module: str
    gin_file: str = ''
    arguments: Tuple[Any, ...] = ()
    curve_value: str = 'mean_reward'

    def check_backend(self, backend: str) -> None:
        """Imports nothing.

        Raises:
            RobotError: the robot has no such backend.
        """
        if backend not in self.backends:
            raise RobotError(f"robot '{self.name}' has no backend '{backend}'; "
                             f"choose one of: {', '.join(self.backends)}")

    def factory(self, backend: str = 'twin') -> Callable[..., py_environment.PyEnvironment]:
        """Returns the function that makes the environment.

        Raises:
            RobotError: the robot has no such backend.
        """
        self.check_backend(backend)
        importlib.import_module(_DISTURBED)  # So that gin knows its names.
        factory = getattr(importlib.import_module(self.module), f'make_{backend}')
        return functools.partial(factory, *self.arguments) if self.arguments else factory


_ENTRIES = (
    RobotEntry('sphero', 'Sphero Ollie drives to a goal, seen by a camera above (image 64x64, '
               '2 motors)', 2.0, 100, ('twin', 'emulated', 'hardware'), 'robot_envs.sphero.make'),
    RobotEntry('a1', 'Unitree A1 rolls over, stands up and walks (IMU and joint angles, 12 '
               'joints)', 20.0, 250, ('twin', 'emulated', 'hardware'), 'robot_envs.a1.make'),
    RobotEntry('ur5', 'UR5 brings three balls from bin to bin (image 64x64, joints, 6 discrete '
               'actions, sparse reward)', 2.0, 100, ('twin',), 'robot_envs.ur5.make',
               curve_value='return'),
    RobotEntry('xarm', 'xArm7 brings a soft toy from bin to bin (image and depth 64x64, joints, 6 '
               'discrete actions, sparse reward)', 0.6, 100, ('twin',), 'robot_envs.xarm.make',
               curve_value='return'),
)
_DISTURBED = 'robot_envs.wrappers.disturbed_environment'
_ROBOTS: Dict[str, RobotEntry] = {entry.name: entry for entry in _ENTRIES}

# Prefix -> module whose `entry(name)` knows the rest.
_WORLDS = {
    'dmc': 'robot_envs.worlds.dm_control_suite',
    'dmc_pixels': 'robot_envs.worlds.dm_control_suite',
    'gym': 'robot_envs.worlds.gymnasium_registry',
}
WORLDS_HELP = (
    ('dmc:<domain>_<task>', "a task of dm_control's suite, vectors (extra 'dmc')"),
    ('dmc_pixels:<domain>_<task>', 'the same, seen by a camera'),
    ('gym:<id>', "an environment of Gymnasium (extra 'gym')"),
    ('<module>:<ENTRY>', "a robot of one's own (docs/new_robot.md)"),
)


def names() -> List[str]:
    """Returns the names of all robots."""
    return list(_ROBOTS)


def get(name: str) -> RobotEntry:
    """Returns what is known about the robot `name`: one of `names()`, or one of `WORLDS_HELP`.

    Raises:
        RobotError: there is none, and the line lists those that are there; or the package of a
            world is not installed, or `<module>:<ENTRY>` cannot be imported.
    """
    if name in _ROBOTS:
        return _ROBOTS[name]
    prefix, colon, _ = name.partition(':')
    if colon and prefix in _WORLDS:
        return importlib.import_module(_WORLDS[prefix]).entry(name)
    if colon:
        return _own(name)
    worlds = ', '.join(pattern for pattern, _ in WORLDS_HELP)
    raise RobotError(f"unknown robot '{name}'; choose one of: {', '.join(names())}, {worlds}")


def _own(name: str) -> RobotEntry:
    """Returns the `RobotEntry` that `<module>:<ENTRY>` names, from the working directory too."""
    module, _, attribute = name.partition(':')
    if os.getcwd() not in sys.path and '' not in sys.path:  # An installed command has neither.
        sys.path.insert(0, os.getcwd())
    try:
        entry = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise RobotError(f"unknown robot '{name}': {error}") from error
    if not isinstance(entry, RobotEntry):
        raise RobotError(f"'{name}' must be a robot_envs.registry.RobotEntry, not "
                         f"{type(entry).__name__}")
    return entry


def make(
    name: str, *, seed: int, backend: str = 'twin', **overrides: Any
) -> py_environment.PyEnvironment:
    """Returns the robot's environment with its action filter, time limit and checks around it.

    Observations are dicts of arrays, the discount is always 1 (but for the ends of some worlds),
    and `render()` gives a picture for people. The caller closes it. What gin sets of
    `Disturbances` happens to it.

    Args:
        name: see `get`.
        seed: of everything random; the same seed and actions give the same steps from a twin.
        backend: what stands behind the task environment.
        **overrides: of the robot's own factory, such as `episode_steps`.

    Raises:
        RobotError: unknown robot, backend or override, or the robot cannot be made.
    """
    factory = get(name).factory(backend)
    known = [key for key in inspect.signature(factory).parameters if key != 'seed']
    for key in overrides:
        if key not in known:
            raise RobotError(f"robot '{name}' has no option '{key}'; it has: {', '.join(known)}")
    env = factory(seed=seed, **overrides)
    disturbed = importlib.import_module(_DISTURBED)
    disturbances = disturbed.Disturbances()
    if not disturbances.is_on:
        return env
    return disturbed.DisturbedEnvironment(env, disturbances, seed=seed)
