"""What goes to and fro between a prioritised table and an agent."""

from __future__ import annotations

import numpy as np
import reverb

from dreamer_tf.errors import UserError
from dreamer_tf.replay.tables import REPLAY_TABLE

ITEM_KEY = "item_key"
ITEM_PROBABILITY = "item_probability"
TABLE_SIZE = "table_size"
ITEM_KEYS = (ITEM_KEY, ITEM_PROBABILITY, TABLE_SIZE)
"""What a batch says of each of its items: uint64 key, float64 probability of the draw, int64 items
that the table held then; each (B,)."""

PRIORITIES = "priorities"
"""Where `LossInfo.extra` holds the items' new priorities, (B,) float, 0 or more."""


class Priorities:
    """Writes priorities back into the table.

    Args:
      client: of the replay server.
      table: name of the table.
    """

    def __init__(self, client: reverb.Client, table: str = REPLAY_TABLE):
        self._client, self._table = client, table

    def set(self, keys: np.ndarray, priorities: np.ndarray) -> None:
        """Sets the priorities of items; those that have left the table are passed over.

        Args:
          keys: (B,) uint64; of an item that occurs twice the later priority counts.
          priorities: (B,), 0 or more. What has 0 is not drawn.

        Raises:
          UserError: the server has gone.
        """
        updates = dict(zip(keys.tolist(), priorities.astype(np.float64).tolist()))
        try:
            self._client.mutate_priorities(self._table, updates=updates)
        except (reverb.errors.ReverbError, RuntimeError) as error:
            raise UserError(
                f"the replay server at {self._client.server_address} does not take priorities: "
                "see whether it still runs, then start again"
            ) from error
