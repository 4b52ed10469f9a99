"""How steps travel from an actor to the replay role: numbered blocks in a queue of its server."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

import reverb
import tensorflow as tf

from dreamer_tf.errors import ServerGone, UserError
from dreamer_tf.replay.table_check import signature_differences

INBOX_TABLE = "inbox"
STATUS_BULLETIN = "status"
STREAM, STEP_INDEX = "stream", "step_index"
ENV_STEP = "env_step"
MAX_BLOCK_STEPS = 64
# Never reached: an actor stops at MAX_UNCONFIRMED_STEPS. Full, the queue would block its writers.
_CAPACITY_BLOCKS = 100_000
MAX_UNCONFIRMED_STEPS = 512


def stored_signature(signature: Mapping[str, tf.TensorSpec]) -> dict[str, tf.TensorSpec]:
    """A step as the replay role stores it: with the number of its stream and in its stream."""
    return {
        **signature,
        STREAM: tf.TensorSpec((), tf.int64),
        STEP_INDEX: tf.TensorSpec((), tf.int64),
    }


def _block_signature(signature: Mapping[str, tf.TensorSpec]) -> dict[str, tf.TensorSpec]:
    sent = {**stored_signature(signature), ENV_STEP: tf.TensorSpec((), tf.int64)}
    return {key: tf.TensorSpec((None, *spec.shape), spec.dtype) for key, spec in sent.items()}


def make_inbox_table(signature: Mapping[str, tf.TensorSpec]) -> reverb.Table:
    """The queue that actors write to.

    Args:
      signature: of one step (`replay_step_spec`).
    """
    return reverb.Table.queue(
        INBOX_TABLE, max_size=_CAPACITY_BLOCKS, signature=_block_signature(signature)
    )


def refuse_other_steps(signature: Mapping[str, tf.TensorSpec], found: Any, where: str) -> None:
    """Compares an actor's steps with those that a server's inbox takes.

    Args:
      signature: of the actor's steps.
      found: `TableInfo` of the inbox.
      where: the server, for the message.

    Raises:
      UserError: they differ; it names the keys.
    """
    differences = signature_differences(_block_signature(signature), found.signature)
    if differences:
        raise UserError(
            f"the replay server at {where} is for another robot: {'; '.join(differences)}: start "
            "this role with the --robot of the run"
        )


class InboxWriter:
    """Sends blocks of consecutive steps; made anew after each loss of the server."""

    def __init__(self, client: reverb.Client, signature: Mapping[str, tf.TensorSpec]):
        """Opens a stream to the server."""
        self._keys = list(_block_signature(signature))
        self._writer = client.trajectory_writer(
            num_keep_alive_refs=MAX_BLOCK_STEPS, validate_items=False
        )

    def send(self, steps: Sequence[Mapping[str, Any]], seconds: float = 10.0) -> None:
        """Sends 1 to `MAX_BLOCK_STEPS` steps and waits until the server has them.

        Raises:
          ServerGone: it did not confirm in time.
        """
        try:
            for step in steps:
                self._writer.append(dict(step))
            block = {key: self._writer.history[key][-len(steps) :] for key in self._keys}
            self._writer.create_item(INBOX_TABLE, 1.0, block)
            self._writer.flush(0, timeout_ms=int(1000 * seconds))
        except (reverb.errors.ReverbError, RuntimeError) as error:
            raise ServerGone("the replay server does not take steps") from error
