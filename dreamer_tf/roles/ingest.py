"""Puts every step of every actor into replay exactly once."""

from __future__ import annotations

import dataclasses
from typing import Any, Mapping

import reverb

from dreamer_tf.replay.sequence_writer import SequenceWriter
from dreamer_tf.roles.inbox import ENV_STEP, STREAM, STEP_INDEX
from dreamer_tf.types import IS_FIRST, IS_LAST, REWARD

EPISODES_KEPT = 500


@dataclasses.dataclass
class Stream:
    """How far the log of one actor has come.

    Attributes:
      next_index: number of the next step that replay does not have.
      env_steps: environment steps of this actor so far.
      total_reward, length: of the episode that is under way.
    """

    next_index: int = 0
    env_steps: int = 0
    total_reward: float = 0.0
    length: int = 0


class Ingest:
    """The only one who writes to the replay table, so that nothing is there twice or missing.

    Steps are numbered in the log of their actor. What was there already is dropped, what comes too
    early is dropped as well, and `status` tells each actor which step is wanted next: the actor
    sends again from there. A replay that came back from a checkpoint wants steps that its actors
    have sent before; so that sequences across that point are made too, it first wants the T - 1
    steps before them.
    """

    def __init__(
        self,
        client: reverb.Client,
        *,
        sequence_length: int,
        stride: int,
        state: Mapping[str, Any],
    ):
        """Goes on from a checkpoint.

        Args:
          client: of the replay server in this process.
          sequence_length: T.
          stride: steps from one sequence to the next.
          state: `state()` of the checkpoint from which the table was restored, or {}.
        """
        self._client = client
        self._length, self._stride = sequence_length, stride
        self._streams = {
            int(key): Stream(**value) for key, value in state.get("streams", {}).items()
        }
        self._episodes: list[list] = list(state.get("episodes", []))
        self._wanted = {
            key: max(0, stream.next_index - sequence_length + 1)
            for key, stream in self._streams.items()
        }
        self._writers: dict[int, SequenceWriter] = {}
        self.twice = 0
        self.too_early = 0

    def take(self, step: Mapping[str, Any]) -> bool:
        """Writes a step unless it is there already or too early; returns whether it was wanted.

        Args:
          step: as an inbox block holds it.

        Raises:
          UserError: the table does not take it.
        """
        key, index = int(step[STREAM]), int(step[STEP_INDEX])
        wanted = self._wanted.setdefault(key, 0)
        if index != wanted:
            self.twice += index < wanted
            self.too_early += index > wanted
            return False
        stream = self._streams.setdefault(key, Stream())
        if key not in self._writers:
            self._writers[key] = SequenceWriter(
                self._client,
                stride=self._stride,
                first_step=index,
                items_from=stream.next_index,
            )
        self._writers[key].append({k: v for k, v in step.items() if k != ENV_STEP})
        self._wanted[key] = index + 1
        if index == stream.next_index:
            self._count(key, stream, step)
        return True

    def flush(self) -> None:
        """Brings everything that was taken into the table."""
        for writer in self._writers.values():
            writer.flush()

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps; call `flush` before."""
        return {
            "env_steps": self.env_steps,
            "streams": {str(k): dataclasses.asdict(v) for k, v in self._streams.items()},
            "episodes": self._episodes,
        }

    def status(self) -> dict[str, Any]:
        """What everybody may know: wanted step of each stream, environment steps, episodes.

        An episode is [stream, number of its last step, environment steps of all actors when it
        ended, sum of rewards, environment steps in it].
        """
        return {
            "wanted": {str(key): wanted for key, wanted in self._wanted.items()},
            "env_steps": self.env_steps,
            "streams": {str(key): stream.env_steps for key, stream in self._streams.items()},
            "episodes": self._episodes,
        }

    @property
    def env_steps(self) -> int:
        """Environment steps of all actors."""
        return sum(stream.env_steps for stream in self._streams.values())

    def _count(self, key: int, stream: Stream, step: Mapping[str, Any]) -> None:
        stream.next_index += 1
        stream.env_steps = int(step[ENV_STEP])
        if step[IS_FIRST]:
            stream.total_reward, stream.length = 0.0, 0
            return
        stream.total_reward += float(step[REWARD])
        stream.length += 1
        if step[IS_LAST]:
            self._episodes.append(
                [key, stream.next_index - 1, self.env_steps, stream.total_reward, stream.length]
            )
            del self._episodes[:-EPISODES_KEPT]
