"""A person's keys as actions."""

from __future__ import annotations

from typing import Any, Dict, Mapping, NamedTuple, Tuple

import numpy as np
from tf_agents.trajectories import time_step as ts

from dreamer_tf.console.terminal import Terminal
from dreamer_tf.errors import UserError


class Keys(NamedTuple):
    """The keys of a robot.

    Attributes:
      actions: key to action, as the environment takes it.
      rest: the action while no key is pressed; None where the robot waits for one.
    """

    actions: Mapping[str, Any]
    rest: Any


_ARM = Keys({"a": 0, "d": 1, "s": 2, "w": 3, " ": 4, "e": 5}, None)
KEYS: Dict[str, Keys] = {
    "sphero": Keys(
        {"w": (1, 1), "s": (-1, -1), "a": (-0.4, 0.4), "d": (0.4, -0.4)}, (0, 0)
    ),
    "ur5": _ARM,
    "xarm": _ARM,
}


class KeyboardActions:
    """Asks the keyboard; to be used within `Terminal.keys`."""

    def __init__(self, robot: str, action_spec, terminal: Terminal):
        """Looks up the robot's keys.

        Args:
          robot: name in `KEYS`.
          action_spec: of its environment.
          terminal: where the person sits.

        Raises:
          UserError: there are no keys for this robot, or nobody sits at the terminal.
        """
        if robot not in KEYS:
            raise UserError(
                f"no keys are known for the robot '{robot}', only for {', '.join(sorted(KEYS))}; "
                "--driver=<module>:<function> takes a device of your own"
            )
        if not terminal.is_interactive:
            raise UserError("--driver=keyboard needs a terminal: nobody can type into this one")
        self._keys, self._spec, self._terminal = KEYS[robot], action_spec, terminal

    def help_lines(self) -> Tuple[str, ...]:
        """What the keys do."""
        return tuple(
            f"{'space' if key == ' ' else key}: {action}"
            for key, action in self._keys.actions.items()
        )

    def action(self, time_step: ts.TimeStep) -> np.ndarray:
        """Returns the newest key's action; other keys are passed over.

        Raises:
          KeyboardInterrupt: the terminal is gone.
        """
        del time_step
        action = self._newest()
        while action is None:
            action = self._newest(wait=True)
        return np.asarray(action, self._spec.dtype)

    def _newest(self, wait: bool = False) -> Any:
        action = self._keys.rest
        key = self._terminal.key(1.0 if wait else 0.0)
        while key is not None:
            if key in ("", "\x04"):
                raise KeyboardInterrupt
            action = self._keys.actions.get(key, action)
            key = self._terminal.key(0.0)
        return action
