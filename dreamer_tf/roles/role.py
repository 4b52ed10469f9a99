"""What the roles of a run have in common."""

from __future__ import annotations

import contextlib
import sys
from typing import Any

from dreamer_tf import checkpoints
from dreamer_tf.roles.link import Link
from dreamer_tf.run_folder import RunFolder
from dreamer_tf.trainer import EVALUATE, Trainer

OURS = "dreamer_tf"  # whose settings are not those of a robot
REPLAY_SERVER, WEIGHTS_SERVER = "the replay server", "the learner's weights server"


class Role(Trainer):
    """One process of a run: the trainer's settings and parts, and the way to the others.

    Each role keeps what it writes in a folder of its own below `--logdir`, so that all may lie on
    one machine or each on another.
    """

    LAYOUT = "roles"
    NAME = "role"

    def __init__(
        self,
        robot: str,
        folder: RunFolder,
        settings: Any,
        *,
        replay_address: str,
        weights_address: str,
        actor: int = 0,
        **keywords: Any,
    ):
        """Holds the settings; nothing is made before `run`.

        Args:
          robot: name in `robot_envs.registry`.
          folder: of the run; see `own_folder`.
          settings: where the gin settings came from.
          replay_address: `host:port` at which the replay role listens.
          weights_address: `host:port` at which the learner listens.
          actor: number of this actor.
          **keywords: of `Trainer`.
        """
        super().__init__(robot, folder, settings, **keywords)
        self._addresses = {"replay": replay_address, "weights": weights_address}
        self._actor = actor

    def unused_settings(self) -> list[str]:
        """What the user has set, is this role's to judge, and was not used by it so far.

        The same settings are given to every role, and most are used by one of them only.
        """
        return [name for name in super().unused_settings() if self._judges(name)]

    def _judges(self, name: str) -> bool:
        """Whether nobody but this role uses a setting (`Class.parameter`)."""
        return False

    def say(self, text: str) -> None:
        """Writes a line for people."""
        sys.stderr.write(f"dreamer_tf {self.NAME}: {text}\n")
        sys.stderr.flush()

    def _link(self, server: str) -> Link:
        names = {"replay": REPLAY_SERVER, "weights": WEIGHTS_SERVER}
        return Link(self._addresses[server], names[server], self.say)

    def _specs(self):
        """Time step and action spec of the robot; it is made for them and let go at once."""
        with contextlib.ExitStack() as stack:
            env = self._make_env(stack, EVALUATE)  # A twin: a real robot has one user.
            return env.time_step_spec(), env.action_spec()

    def _own_run(self, agent) -> dict[str, Any]:
        """What the weights of this agent must have in common with the learner's."""
        return {"robot": self._robot, "shapes": checkpoints.sizes(agent.variables)["shapes"]}
