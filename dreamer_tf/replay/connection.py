"""Reaching a replay server, with an answer or an error in bounded time."""

from __future__ import annotations

import time
from typing import NamedTuple

import reverb

from dreamer_tf.errors import ServerGone, UserError
from dreamer_tf.replay.tables import REPLAY_TABLE


class TableCounts(NamedTuple):
    """What a table counts: items it holds, items it ever saw, samples it ever gave."""

    items: int
    inserts: int
    samples: int


def connect(address: str, timeout: float = 10.0) -> reverb.Client:
    """A client of the replay server at `address`, which has answered.

    Args:
      address: `host:port`.
      timeout: seconds to wait for an answer (Reverb counts whole seconds, at least 1).

    Raises:
      UserError: no server answers there.
    """
    client = reverb.Client(address)
    _ask(client, timeout)
    return client


def table_info(
    client: reverb.Client, table: str = REPLAY_TABLE, timeout: float = 10.0
) -> reverb.reverb_types.TableInfo:
    """The server's own description of a table (`Table.info` is stale after a restore).

    Raises:
      UserError: the server is silent, or has no such table.
    """
    tables = _ask(client, timeout)
    if table not in tables:
        raise UserError(
            f"the replay server at {client.server_address} has no table '{table}', "
            f"only {sorted(tables)}: is it the server of another program?"
        )
    return tables[table]


def table_counts(
    client: reverb.Client, table: str = REPLAY_TABLE, timeout: float = 10.0
) -> TableCounts:
    """Items held, items ever inserted and samples ever drawn, from the server.

    Raises:
      UserError: the server is silent, or has no such table.
    """
    info = table_info(client, table, timeout)
    limiter = info.rate_limiter_info
    return TableCounts(
        info.current_size, limiter.insert_stats.completed, limiter.sample_stats.completed
    )


def _ask(client: reverb.Client, timeout: float) -> dict[str, reverb.reverb_types.TableInfo]:
    """`server_info`, or ServerGone (a UserError) after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            return client.server_info(max(1, round(deadline - time.monotonic())))
        except (reverb.errors.ReverbError, RuntimeError) as error:
            # gRPC tells at once of a connection that has just broken, and then makes a new one.
            if time.monotonic() + 0.1 > deadline:
                raise ServerGone(
                    f"no replay server answers at {client.server_address}: "
                    "start it, or give the right address"
                ) from error
        time.sleep(0.1)
