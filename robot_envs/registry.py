"""Every robot by its name, ready to be trained on."""

from __future__ import annotations

import importlib
import inspect
from typing import TYPE_CHECKING, Any, Callable, Dict, List, NamedTuple, Tuple

from robot_envs.errors import RobotError

if TYPE_CHECKING:  # TensorFlow takes seconds: `--help` and an unknown name must answer at once.
    from tf_agents.environments import py_environment


class RobotEntry(NamedTuple):
    """What is known about a robot before it is made.

    Attributes:
        name: as in `--robot`.
        description: one line for `--help`.
        rate_hz: environment steps a second of the robot's own time.
        episode_steps: length of its episodes.
        backends: what can stand behind the task environment.
        module: where `make_<backend>(seed, **overrides)` is; imported when it is first made.
    """

    name: str
    description: str
    rate_hz: float
    episode_steps: int
    backends: Tuple[str, ...]
    module: str

    def factory(self, backend: str = 'twin') -> Callable[..., py_environment.PyEnvironment]:
        """Returns the function that makes the environment.

        Raises:
            RobotError: the robot has no such backend.
        """
        if backend not in self.backends:
            raise RobotError(f"robot '{self.name}' has no backend '{backend}'; "
                             f"choose one of: {', '.join(self.backends)}")
        return getattr(importlib.import_module(self.module), f'make_{backend}')


_ENTRIES = (
    RobotEntry('sphero', 'Sphero Ollie drives to a goal, seen by a camera above (image 64x64, '
               '2 motors)', 2.0, 100, ('twin',), 'robot_envs.sphero.make'),
    RobotEntry('a1', 'Unitree A1 rolls over, stands up and walks (IMU and joint angles, 12 '
               'joints)', 20.0, 250, ('twin',), 'robot_envs.a1.make'),
)
_ROBOTS: Dict[str, RobotEntry] = {entry.name: entry for entry in _ENTRIES}


def names() -> List[str]:
    """Returns the names of all robots."""
    return list(_ROBOTS)


def get(name: str) -> RobotEntry:
    """Returns what is known about the robot `name`.

    Raises:
        RobotError: there is none; the line lists those that are there.
    """
    if name not in _ROBOTS:
        raise RobotError(f"unknown robot '{name}'; choose one of: {', '.join(names())}")
    return _ROBOTS[name]


def make(
    name: str, *, seed: int, backend: str = 'twin', **overrides: Any
) -> py_environment.PyEnvironment:
    """Returns the robot's environment with its action filter, time limit and checks around it.

    Observations are dicts of arrays, the discount is always 1, and `render()` gives a picture for
    people. The caller closes it.

    Args:
        name: one of `names()`.
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
    return factory(seed=seed, **overrides)
