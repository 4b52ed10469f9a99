"""The actors, as the learner sees them through the replay."""

from __future__ import annotations

from dreamer_tf.collector import Episode
from dreamer_tf.roles.remote_replay import RemoteReplay


class RemoteCollector:
    """Counts the steps and tells the episodes of all actors; has the attributes of `Collector`.

    Attributes:
      env_steps: environment steps of all actors, up to the episode that `step` has told.
      policy_seconds, env_seconds: 0; the actors log theirs.
    """

    def __init__(self, replay: RemoteReplay, *, env_steps: int):
        """Makes the collector.

        Args:
          replay: of the run.
          env_steps: what the learner's checkpoint knows of; episodes up to there are not told.
        """
        self._replay = replay
        self._told: set[tuple[int, int]] = set()
        self._known = env_steps
        self.env_steps = env_steps
        self.policy_seconds = 0.0
        self.env_seconds = 0.0

    def step(self) -> Episode | None:
        """Looks at the replay's status; returns an episode that has ended and was not told yet."""
        self._replay.poll()
        status = self._replay.status
        for stream, last, env_steps, total_reward, length in status.get("episodes", ()):
            if env_steps <= self._known or (stream, last) in self._told:
                continue
            self._told.add((stream, last))
            self.env_steps = max(self.env_steps, env_steps)
            return Episode(length, total_reward, 0.0)
        self.env_steps = max(self.env_steps, status.get("env_steps", 0))
        return None
