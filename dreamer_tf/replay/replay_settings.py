"""What a run asks of its replay."""

from __future__ import annotations

import reverb
import tensorflow as tf

from dreamer_tf.errors import UserError
from dreamer_tf.replay.kind import ReplayKind
from dreamer_tf.replay.tables import items_after, make_replay_table


class ReplaySettings:
    """The numbers of a run that concern its replay, whoever serves it, and the table they make.

    Attributes:
      kind: what the agent wants to be drawn.
      address: host:port of another program's server; None when the run has its own.
      batch_size: B, sequences of an update.
      sequence_length: T, steps of a sequence.
      stride: environment steps from one sequence to the next.
      prefill_steps: of random actions, before the first update.
      replay_ratio: R, replayed steps for each environment step.
    """

    def __init__(
        self,
        agent: str,
        kind: ReplayKind,
        *,
        address: str | None,
        demonstrated: bool,
        batch_size: int,
        sequence_length: int,
        stride: int,
        prefill_steps: int,
        replay_ratio: float,
        capacity_steps: int,
        priority_exponent: float,
    ):
        """Checks the settings; what learns on policy has three of its own instead of the asked.

        Args:
          agent: its name, for messages.
          kind: see above.
          address: see above.
          demonstrated: whether recordings are to be in the replay from the start.
          batch_size: see above.
          sequence_length: see above.
          stride: see above; T - 1 on policy.
          prefill_steps: see above; 0 on policy.
          replay_ratio: see above; on policy that of every sequence once.
          capacity_steps: environment steps that the table holds.
          priority_exponent: alpha of a prioritised replay, 0 draws all sequences alike.

        Raises:
          UserError: they do not go together, or not with the agent.
        """
        self.kind, self.address = kind, address
        self.batch_size, self.sequence_length = batch_size, sequence_length
        self.stride, self.prefill_steps, self.replay_ratio = stride, prefill_steps, replay_ratio
        self._capacity_steps, self._priority_exponent = capacity_steps, priority_exponent
        self._check(agent, demonstrated)
        if kind is ReplayKind.ON_POLICY:
            self.prefill_steps, self.stride = 0, sequence_length - 1
            self.replay_ratio = sequence_length / self.stride

    @property
    def updates_per_step(self) -> float:
        """Updates that an environment step earns: R / (B T)."""
        return self.replay_ratio / (self.batch_size * self.sequence_length)

    def make_table(self, signature: dict[str, tf.TensorSpec]) -> reverb.Table:
        """Makes the table, empty; `signature` is the spec of one step.

        Raises:
          UserError: see `make_replay_table`.
        """
        min_items = max(
            self.batch_size, items_after(self.prefill_steps, self.sequence_length, self.stride)
        )
        if self.kind is ReplayKind.ON_POLICY:
            min_items = 1
        return make_replay_table(
            signature,
            capacity_steps=self._capacity_steps,
            sequence_length=self.sequence_length,
            stride=self.stride,
            min_items=min_items,
            replay_ratio=self.replay_ratio,
            kind=self.kind,
            priority_exponent=self._priority_exponent,
        )

    def _check(self, agent: str, demonstrated: bool) -> None:
        if self.kind is not ReplayKind.UNIFORM and self.address is not None:
            raise UserError(
                f"the agent {agent} needs a replay of its own: leave --replay_address out"
            )
        if self.kind is ReplayKind.ON_POLICY:
            if demonstrated:
                raise UserError(
                    f"the agent {agent} learns from its own steps only: leave --demonstrations out"
                )
            if self.sequence_length < 2:
                raise UserError(f"the agent {agent} needs Trainer.sequence_length of 2 or more")
        elif self.prefill_steps < self.sequence_length:
            raise UserError(
                f"Trainer.prefill_steps={self.prefill_steps} must be at least "
                f"sequence_length={self.sequence_length}"
            )
