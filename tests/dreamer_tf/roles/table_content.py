"""What a replay table really holds: asked from the server, not from anybody's book-keeping."""

import collections

from dreamer_tf.replay.tables import REPLAY_TABLE
from dreamer_tf.roles.inbox import STEP_INDEX, STREAM


def all_items(client, rounds=60):
    """The data of every item of the replay table.

    Samples until every item has been seen. The table must be free-running, or its limiter far from
    its limit.
    """
    size = client.server_info(10)[REPLAY_TABLE].current_size
    items = {}
    for _ in range(rounds):
        if len(items) == size:
            break
        for sample in client.sample(
            REPLAY_TABLE, 4 * size, emit_timesteps=False, unpack_as_table_signature=True
        ):
            data = sample.data
            items[sample.info.key] = data
            indices = data[STEP_INDEX] - data[STEP_INDEX][0]
            assert list(indices) == list(range(len(indices))), "a sequence with a hole"
            assert len(set(data[STREAM].tolist())) == 1, "a sequence of two actors"
    assert len(items) == size, "not every item was seen"
    return list(items.values())


def last_steps(client):
    """(stream, number of the last step) -> number of items of the replay table that end there."""
    return collections.Counter(
        (int(data[STREAM][-1]), int(data[STEP_INDEX][-1])) for data in all_items(client)
    )
