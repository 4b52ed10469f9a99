"""What the replay tests share: a small step, and real servers that end with the test."""

import queue
import threading

import numpy as np
import pytest
import tensorflow as tf

from dreamer_tf.replay.batch_iterator import BatchIterator
from dreamer_tf.replay.sequence_dataset import make_sequence_dataset
from dreamer_tf.replay.server import ReplayServer
from dreamer_tf.replay.tables import make_replay_table


@pytest.fixture
def signature():
    """The spec of a small step: one number that counts, and one picture of 4 x 4 pixels."""
    return {
        "count": tf.TensorSpec((), tf.float32),
        "image": tf.TensorSpec((4, 4, 3), tf.uint8),
        "is_first": tf.TensorSpec((), tf.bool),
    }


@pytest.fixture
def make_step():
    """Step number n: its values tell where it comes from; an episode has 6 steps."""

    def step(n):
        return {
            "count": np.float32(n),
            "image": np.full((4, 4, 3), n % 256, np.uint8),
            "is_first": np.bool_(n % 6 == 0),
        }

    return step


@pytest.fixture
def iterate():
    """Batch iterators over a server's table; they are closed after the test."""
    iterators = []

    def start(server, batch_size, **options):
        dataset = make_sequence_dataset(server.address, batch_size=batch_size)
        iterators.append(BatchIterator(dataset, server.client, **options))
        return iterators[-1]

    yield start
    for iterator in iterators:
        iterator.close()


@pytest.fixture
def serve(signature, iterate):
    """Start servers with a table of the small step; they stop after the test.

    (Before the iterators of `iterate` close: one that waits on a live server takes 3 s to close.)
    """
    servers = []

    def start(*, checkpoint_dir=None, port=None, step_signature=None, **table):
        table = {"capacity_steps": 1000, "sequence_length": 4, "min_items": 1, **table}
        server = ReplayServer(
            make_replay_table(step_signature or signature, **table),
            checkpoint_dir=checkpoint_dir,
            port=port,
        )
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def within():
    """Call something in a thread: (True, result), or (False, None) if it takes too long."""

    def call(seconds, function, *args):
        outcomes = queue.Queue()

        def run():
            try:
                outcomes.put((function(*args), None))
            except Exception as error:  # raised again below, in the test's own thread
                outcomes.put((None, error))

        threading.Thread(target=run, daemon=True).start()
        try:
            result, error = outcomes.get(timeout=seconds)
        except queue.Empty:
            return False, None
        if error is not None:
            raise error
        return True, result

    return call
