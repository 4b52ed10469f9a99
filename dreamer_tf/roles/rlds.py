"""Steps in the fields of RLDS (Ramos et al. 2021, arXiv 2111.02767), there and back.

RLDS pairs an observation with the action taken FROM it and what came NEXT; replay steps hold what
LED to it (`dreamer_tf/replay/alignment.py`):

    replay step 1   o1, prev_action a0, reward r1        record 0   o0, action a0, reward r1
    replay step 2   o2, prev_action a1, reward r2        record 1   o1, action a1, reward r2

So a record is complete when the step after it is there. The last record of an episode has no
action: its action, reward and discount are 0.
"""

from __future__ import annotations

from typing import Any, Dict, Mapping

import numpy as np

from dreamer_tf.types import IS_FIRST, IS_LAST, IS_TERMINAL, PREV_ACTION, REWARD, STEP_KEYS

Step = Mapping[str, Any]
Record = Dict[str, Any]


class RecordsFromSteps:
    """Turns a stream of replay steps into records, each one step late."""

    def __init__(self):
        """Starts with an empty stream."""
        self._pending: Step | None = None

    def add(self, step: Step) -> list[Record]:
        """The records that this step completes: none, one or two.

        Args:
          step: from `dreamer_tf.replay.alignment.step_from_time_step`.
        """
        records = []
        if self._pending is not None:
            records.append(record_of(self._pending, None if step[IS_FIRST] else step))
        self._pending = step
        if step[IS_LAST]:
            records += self.end()
        return records

    def end(self) -> list[Record]:
        """The record of the newest step, which nothing follows; at most one."""
        records = [] if self._pending is None else [record_of(self._pending, None)]
        self._pending = None
        return records


def record_of(step: Step, following: Step | None) -> Record:
    """The record of one step.

    Args:
      step: in replay's convention.
      following: the next step of the same episode, None if there is none.

    Returns:
      `observation` (dict), `action` float32 (A,), `reward` and `discount` float32 (), `is_first`,
      `is_last` and `is_terminal` bool ().
    """
    action = np.asarray(step[PREV_ACTION], np.float32)
    return {
        "observation": {key: value for key, value in step.items() if key not in STEP_KEYS},
        "action": np.zeros_like(action) if following is None else following[PREV_ACTION],
        "reward": np.float32(0 if following is None else following[REWARD]),
        "discount": np.float32(following is not None and not following[IS_TERMINAL]),
        **{key: np.bool_(step[key]) for key in (IS_FIRST, IS_LAST, IS_TERMINAL)},
    }


def step_of(record: Record, previous: Record | None) -> dict[str, Any]:
    """The replay step of a record.

    Args:
      record: see `record_of`.
      previous: the record before it in the stream; not read when the record is a first one.

    Raises:
      ValueError: the record before is missing.
    """
    first = bool(record[IS_FIRST])
    if previous is None and not first:
        raise ValueError("a record that is not the first of an episode needs the one before it")
    action = np.asarray(record["action"], np.float32)
    return {
        **record["observation"],
        PREV_ACTION: np.zeros_like(action) if first else np.asarray(previous["action"], np.float32),
        REWARD: np.float32(0 if first else previous["reward"]),
        **{key: np.bool_(record[key]) for key in (IS_FIRST, IS_LAST, IS_TERMINAL)},
    }
