"""What the writer puts into a real table."""

import numpy as np
import pytest

from dreamer_tf.errors import UserError
from dreamer_tf.replay.connection import table_counts
from dreamer_tf.replay.sequence_dataset import make_sequence_dataset
from dreamer_tf.replay.sequence_writer import SequenceWriter


def contents(server, samples=400):
    """Every distinct item: first count -> item."""
    dataset = make_sequence_dataset(server.address, batch_size=20)
    items = {}
    for batch in dataset.take(samples // 20):
        batch = {key: value.numpy() for key, value in batch.items()}
        for row in range(20):
            items[int(batch["count"][row, 0])] = {k: v[row] for k, v in batch.items()}
    return items


@pytest.mark.parametrize("stride, chunk_length", [(1, 1), (1, 3), (2, 2), (3, 4), (5, 8)])
def test_items_are_windows_of_the_stream(serve, make_step, stride, chunk_length):
    server = serve(stride=stride)
    writer = SequenceWriter(server.address, stride=stride, chunk_length=chunk_length)
    for n in range(30):
        writer.append(make_step(n))
    writer.flush()
    items = contents(server)
    starts = list(range(0, 27, stride))
    assert sorted(items) == starts
    assert writer.items_written == len(starts) == table_counts(server.client).items
    assert writer.steps == 30
    for start, item in items.items():
        expected = [make_step(n) for n in range(start, start + 4)]
        for key, values in item.items():
            np.testing.assert_array_equal(values, np.stack([step[key] for step in expected]))
            assert values.dtype == np.asarray(expected[0][key]).dtype


def test_an_item_may_span_the_end_of_an_episode(serve, make_step):
    server = serve()
    writer = SequenceWriter(server.address)
    for n in range(12):
        writer.append(make_step(n))
    writer.flush()
    np.testing.assert_array_equal(
        contents(server)[4]["is_first"],
        [False, False, True, False],  # steps 4, 5, 6, 7
    )


def test_items_of_a_full_chunk_are_there_when_append_returns(serve, make_step):
    server = serve()
    writer = SequenceWriter(server.address, chunk_length=3)
    for n in range(60):
        writer.append(make_step(n))
        whole_chunks = (n + 1) // 3 * 3
        assert writer.items_written == max(0, whole_chunks - 3)
        assert table_counts(server.client).inserts == writer.items_written


def test_a_new_writer_starts_a_new_stream(serve, make_step):
    server = serve()
    for first in (0, 100):
        writer = SequenceWriter(server.address)
        for n in range(first, first + 6):
            writer.append(make_step(n))
        writer.close()
    assert sorted(contents(server)) == [0, 1, 2, 100, 101, 102]


@pytest.mark.parametrize(
    "change, message",
    [
        ({"image": np.zeros((4, 4, 3), np.float32)}, "'image' as uint8"),
        ({"image": np.zeros((4, 3, 3), np.uint8)}, r"'image' as uint8 \(4, 4, 3\)"),
        ({"count": np.float32("nan")}, "'count' is not finite"),
        ({"extra": np.float32(0)}, "must have the keys"),
    ],
)
def test_a_bad_step_is_refused_and_nothing_of_it_written(serve, make_step, change, message):
    server = serve()
    writer = SequenceWriter(server.address, chunk_length=1)
    for n in range(3):
        writer.append(make_step(n))
    with pytest.raises(UserError, match=message):
        writer.append({**make_step(3), **change})
    assert writer.steps == 3
    writer.append(make_step(3))
    np.testing.assert_array_equal(contents(server, 20)[0]["count"], [0, 1, 2, 3])


def test_a_dead_server_gives_an_error_in_time(serve, make_step, within):
    server = serve()
    writer = SequenceWriter(server.address, timeout=0.5, chunk_length=4)
    for n in range(4):
        writer.append(make_step(n))
    server.stop()

    def go_on():
        with pytest.raises(UserError, match="did not take the data within 0.5 s"):
            for n in range(4, 8):
                writer.append(make_step(n))
        with pytest.raises(UserError):
            writer.close()

    assert within(5.0, go_on)[0]


def test_senseless_numbers_are_refused(serve):
    server = serve()
    with pytest.raises(UserError, match="at least 1"):
        SequenceWriter(server.address, stride=0)
