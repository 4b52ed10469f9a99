"""The table on a real server: what it gives, what it drops, what its limiter holds back."""

import collections

import pytest

from dreamer_tf.errors import UserError
from dreamer_tf.replay.connection import table_counts
from dreamer_tf.replay.sequence_dataset import make_sequence_dataset
from dreamer_tf.replay.sequence_writer import SequenceWriter
from dreamer_tf.replay.tables import items_after, make_replay_table


def write(server, make_step, steps, **options):
    writer = SequenceWriter(server.client, **options)
    for n in range(steps):
        writer.append(make_step(n))
    writer.flush()
    return writer


def first_counts(server, batch_size, batches):
    dataset = make_sequence_dataset(server.address, batch_size=batch_size)
    return [int(c) for batch in dataset.take(batches) for c in batch["count"][:, 0].numpy()]


@pytest.mark.parametrize(
    "steps, length, stride, items",
    [(0, 4, 1, 0), (3, 4, 1, 0), (4, 4, 1, 1), (5, 4, 1, 2), (5, 4, 2, 1), (6, 4, 2, 2)],
)
def test_items_after(steps, length, stride, items):
    assert items_after(steps, length, stride) == items


def test_all_sequences_are_drawn_equally_often(serve, make_step):
    server = serve()
    write(server, make_step, 23)  # 20 items
    counts = collections.Counter(first_counts(server, 50, 100))
    assert sorted(counts) == list(range(20))
    # 5000 draws, 250 each: a spread of 5 sigma (sigma 15.4).
    assert all(abs(count - 250) < 77 for count in counts.values())


def test_capacity_in_steps_drops_the_oldest(serve, make_step):
    server = serve(capacity_steps=10)  # steps 20..29 of 30: sequences from 20 to 26
    write(server, make_step, 30)
    assert table_counts(server.client).items == 7
    assert set(first_counts(server, 20, 10)) == set(range(20, 27))


def test_limiter_blocks_sampling_beyond_the_ratio_but_never_inserting(serve, make_step, within):
    # R 2, T 4: half a sample for each item; 40 items allow 20 samples, 5 batches of 4.
    server = serve(replay_ratio=2.0, min_items=8)
    writer = write(server, make_step, 43)
    iterator = iter(make_sequence_dataset(server.address, batch_size=4))
    for _ in range(5):
        next(iterator)
    assert not within(0.3, next, iterator)[0]
    assert table_counts(server.client).samples == 20
    for n in range(43, 300):  # nobody samples, and writing goes on
        writer.append(make_step(n))
    writer.flush()
    assert table_counts(server.client).inserts == 297


def test_sampling_waits_for_the_first_items(serve, make_step, within):
    server = serve(min_items=5)
    writer = write(server, make_step, 7)  # 4 items
    iterator = iter(make_sequence_dataset(server.address, batch_size=2))
    assert not within(0.3, next, iterator)[0]
    writer.append(make_step(7))
    writer.flush()
    assert within(5.0, next, iter(make_sequence_dataset(server.address, batch_size=2)))[0]


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"capacity_steps": 12}, "raise the capacity"),
        ({"stride": 0}, "at least 1"),
        ({"replay_ratio": 0.0}, "above 0"),
    ],
)
def test_senseless_numbers_are_refused(signature, wrong, message):
    good = {"capacity_steps": 100, "sequence_length": 4, "min_items": 10}
    with pytest.raises(UserError, match=message):
        make_replay_table(signature, **{**good, **wrong})
