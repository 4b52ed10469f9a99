"""Batches as the learner gets them, and the iterator that waits for them."""

import threading
import time

import numpy as np
import pytest
import tensorflow as tf

from dreamer_tf.errors import UserError
from dreamer_tf.replay.batch_iterator import BatchIterator
from dreamer_tf.replay.sequence_dataset import make_sequence_dataset
from dreamer_tf.replay.sequence_writer import SequenceWriter


def write(server, make_step, steps):
    writer = SequenceWriter(server.address)
    for n in range(steps):
        writer.append(make_step(n))
    writer.flush()
    return writer


def test_batches_have_static_shapes_and_the_steps_values(serve, make_step):
    server = serve()
    write(server, make_step, 40)
    dataset = make_sequence_dataset(server.address, batch_size=3)
    assert dataset.element_spec == {
        "count": tf.TensorSpec((3, 4), tf.float32),
        "image": tf.TensorSpec((3, 4, 4, 4, 3), tf.uint8),
        "is_first": tf.TensorSpec((3, 4), tf.bool),
    }
    for batch in dataset.take(5):
        count = batch["count"].numpy()
        np.testing.assert_array_equal(np.diff(count, axis=1), 1)
        np.testing.assert_array_equal(batch["image"][..., 0, 0, 0], count)
        np.testing.assert_array_equal(batch["is_first"], count % 6 == 0)


def test_no_server_no_table_no_batch(serve):
    with pytest.raises(UserError, match="no replay server answers at localhost:1"):
        make_sequence_dataset("localhost:1", batch_size=2, timeout=1.0)
    server = serve()
    with pytest.raises(UserError, match="no table 'other'"):
        make_sequence_dataset(server.address, batch_size=2, table="other")
    with pytest.raises(UserError, match="batch_size"):
        make_sequence_dataset(server.address, batch_size=0)


def test_iterator_waits_for_the_limiter(serve, make_step, iterate):
    server = serve(replay_ratio=4.0, min_items=4)
    writer = write(server, make_step, 7)  # 4 items, 4 samples
    iterator = iterate(server, 4)
    assert next(iterator)["count"].shape == (4, 4)

    def more():
        for n in range(7, 11):
            writer.append(make_step(n))
        writer.flush()

    threading.Timer(0.4, more).start()
    began = time.monotonic()
    next(iterator)
    assert 0.3 < time.monotonic() - began < 5.0
    iterator.close()
    with pytest.raises(StopIteration):
        next(iterator)


def test_iterator_says_that_the_server_has_gone(serve, make_step, iterate, within):
    server = serve(replay_ratio=4.0, min_items=4)
    write(server, make_step, 7)
    iterator = iterate(server, 4, heartbeat=1.0)
    next(iterator)
    server.stop()

    def ask():
        with pytest.raises(UserError, match="no replay server answers"):
            next(iterator)

    assert within(10.0, ask)[0]


def test_iterator_ends_with_a_finite_dataset(serve, make_step):
    server = serve()
    write(server, make_step, 10)
    dataset = make_sequence_dataset(server.address, batch_size=2).take(3)
    assert len(list(BatchIterator(dataset, server.address))) == 3


def test_closing_an_iterator_that_waits_ends_its_thread(serve, make_step, iterate):
    server = serve(replay_ratio=4.0, min_items=4)
    write(server, make_step, 7)
    threads = set(threading.enumerate())  # those of other tests may end meanwhile
    iterator = iterate(server, 4)
    next(iterator)  # and the thread waits for a second batch
    iterator.close()
    assert set(threading.enumerate()) <= threads
