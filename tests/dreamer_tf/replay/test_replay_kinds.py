"""Tables that draw by priority, and tables that draw everything once."""

import collections

import numpy as np
import pytest

from dreamer_tf.errors import UserError
from dreamer_tf.replay.batch_iterator import BatchIterator
from dreamer_tf.replay.kind import ReplayKind
from dreamer_tf.replay.priorities import ITEM_KEY, ITEM_PROBABILITY, TABLE_SIZE, Priorities
from dreamer_tf.replay.replay_ratio import ReplayRatio
from dreamer_tf.replay.sequence_dataset import make_sequence_dataset
from dreamer_tf.replay.sequence_writer import SequenceWriter


def draws(server, count):
    """Keys, first numbers and infos of so many samples."""
    samples = [sample[0] for sample in server.client.sample("replay", count)]
    return [(s.info.key, int(s.data[0]), s.info) for s in samples]


def write(server, make_step, steps, priority=lambda n: 1.0, **options):
    writer = SequenceWriter(server.client, **options)
    for n in range(steps):
        writer.append(make_step(n), priority=priority(n))
    writer.flush()
    return writer


def test_sequences_are_drawn_by_the_power_of_their_priority(serve, make_step):
    server = serve(kind=ReplayKind.PRIORITISED, priority_exponent=2.0)
    write(server, make_step, 6, priority=lambda n: float(n - 2))  # the items 1, 2 and 3
    found = {first: info.probability for _, first, info in draws(server, 300)}
    assert found == pytest.approx({0: 1 / 14, 1: 4 / 14, 2: 9 / 14})


def test_priorities_can_be_set_and_nought_is_not_drawn(serve, make_step):
    server = serve(kind=ReplayKind.PRIORITISED)
    write(server, make_step, 6)
    keys = {first: key for key, first, _ in draws(server, 60)}
    gone = max(keys.values()) + 1
    Priorities(server.client).set(
        np.array([keys[0], keys[1], keys[2], gone], np.uint64), np.array([0.0, 3.0, 1.0, 9.0])
    )
    counts = collections.Counter(first for _, first, _ in draws(server, 400))
    assert set(counts) == {1, 2} and 2 < counts[1] / counts[2] < 4.5


def test_a_batch_tells_of_its_items(serve, make_step):
    server = serve(kind=ReplayKind.PRIORITISED, replay_ratio=4)
    write(server, make_step, 8, priority=lambda n: 2.0 if n == 7 else 1.0)
    dataset = make_sequence_dataset(server.address, batch_size=5, with_items=True)
    iterator = BatchIterator(dataset, server.client)
    batch = next(iterator)
    assert batch[ITEM_KEY].shape == (5,) and batch["image"].shape == (5, 4, 4, 4, 3)
    np.testing.assert_array_equal(batch[TABLE_SIZE], 5)
    newest = batch["count"][:, 0].numpy() == 4
    np.testing.assert_allclose(batch[ITEM_PROBABILITY], np.where(newest, 2 / 6, 1 / 6))
    server.stop()
    iterator.close()


def test_on_policy_every_sequence_comes_once_in_order_as_soon_as_it_is_there(
    serve, iterate, make_step
):
    server = serve(kind=ReplayKind.ON_POLICY)
    ratio = ReplayRatio.of_table(server.client, batch_size=2)
    iterator = iterate(server, 2)
    writer = SequenceWriter(server.client, stride=3, flush_items=True)
    due, seen = [], []
    for n in range(16):
        writer.append(make_step(n))
        due.append(ratio.updates_due(writer.items_written))
        if due[-1] > len(seen):
            seen.append(next(iterator)["count"].numpy().tolist())
    # Items end with the steps 3, 6, 9, 12 and 15 and are sent there, not with a full chunk.
    assert due == [0] * 6 + [1] * 6 + [2] * 4
    assert seen == [
        [[0, 1, 2, 3], [3, 4, 5, 6]],
        [[6, 7, 8, 9], [9, 10, 11, 12]],
    ]
    assert server.client.server_info()["replay"].current_size <= 1


def test_a_table_that_was_used_up_comes_back_with_its_counts(serve, iterate, make_step, tmp_path):
    first = serve(kind=ReplayKind.ON_POLICY, checkpoint_dir=tmp_path)
    write(first, make_step, 7, stride=3, flush_items=True)
    batches = iterate(first, 1)
    assert [float(next(batches)["count"][0, 0]) for _ in range(2)] == [0, 3]
    first.checkpoint()
    first.stop()
    again = serve(kind=ReplayKind.ON_POLICY, checkpoint_dir=tmp_path)
    ratio = ReplayRatio.of_table(again.client, batch_size=1)
    assert ratio.updates_due(0) == 0
    writer = SequenceWriter(again.client, stride=3, flush_items=True)
    for n in range(50, 54):
        writer.append(make_step(n))
    assert ratio.updates_due(writer.items_written) == 1
    assert next(iterate(again, 1))["count"].numpy().tolist() == [[50, 51, 52, 53]]


def test_a_negative_exponent_is_told(serve):
    with pytest.raises(UserError, match="priority_exponent must be 0 or more"):
        serve(kind=ReplayKind.PRIORITISED, priority_exponent=-1.0)
