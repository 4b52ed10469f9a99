"""Exactly once: real logs, real senders, a real replay server that comes and goes."""

import time

import numpy as np
import pytest
import tensorflow as tf
from table_content import last_steps
from test_episode_log import SIGNATURE, make_steps, records_of

from dreamer_tf.errors import UserError
from dreamer_tf.replay.server import ReplayServer
from dreamer_tf.replay.tables import make_replay_table
from dreamer_tf.roles.addresses import free_port
from dreamer_tf.roles.bulletin import make_bulletin_table, post
from dreamer_tf.roles.episode_log import EpisodeLog
from dreamer_tf.roles.inbox import (
    ENV_STEP, STATUS_BULLETIN, STEP_INDEX, STREAM, make_inbox_table, stored_signature,
)
from dreamer_tf.roles.inbox_reader import InboxReader
from dreamer_tf.roles.ingest import Ingest
from dreamer_tf.roles.link import Link
from dreamer_tf.roles.log_sender import LogSender

LENGTH = 4


class Replay:
    """The replay role without its process: the test says when it looks into its inbox."""

    def __init__(self, port, folder=None, state=None, signature=SIGNATURE, stride=1):
        table = make_replay_table(
            stored_signature(signature), capacity_steps=10_000, sequence_length=LENGTH,
            stride=stride, min_items=1)
        self.server = ReplayServer(
            table, port=port, checkpoint_dir=folder,
            further_tables=[make_inbox_table(signature), make_bulletin_table(STATUS_BULLETIN)])
        self.ingest = Ingest(self.server.client, sequence_length=LENGTH, stride=stride,
                             state=state or {})
        self.inbox = InboxReader(self.server.client)
        self.session = str(time.time())

    def look(self):
        for step in self.inbox.steps(0.05):
            self.ingest.take(step)
        post(self.server.client, STATUS_BULLETIN,
             {"session": self.session, **self.ingest.status()})

    def look_until(self, condition, seconds=60):
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "not within the time"
            self.look()
            time.sleep(0.05)


@pytest.fixture
def sender_of(tmp_path):
    senders = []

    def start(port, name="a", signature=SIGNATURE):
        log = EpisodeLog(tmp_path / name, signature, robot="toy")
        sender = LogSender(log, Link(f"localhost:{port}", "replay", lambda _: None), signature)
        senders.append(sender)
        return log, sender

    yield start
    for sender in senders:
        sender.close()


def fill(log, episodes):
    for record in records_of(make_steps(episodes)):
        log.append(record)


def every_window(log, stride=1):
    ends = [i for i in range(LENGTH - 1, log.next_index) if (i - LENGTH + 1) % stride == 0]
    return {(log.stream, index): 1 for index in ends}


def test_every_step_of_two_actors_arrives_once(sender_of):
    port = free_port()
    replay = Replay(port)
    pairs = [sender_of(port, name) for name in "ab"]
    for log, _ in pairs:
        fill(log, 60)  # 360 records: more than the log keeps in memory
    replay.look_until(lambda: not any(sender.unsent for _, sender in pairs))
    fill(pairs[0][0], 2)
    replay.look_until(lambda: not pairs[0][1].unsent)
    replay.ingest.flush()
    wanted = {**every_window(pairs[0][0]), **every_window(pairs[1][0])}
    assert last_steps(replay.server.client) == wanted
    assert replay.ingest.env_steps == 310 + 300
    episodes = replay.ingest.status()["episodes"]
    assert len(episodes) == 122 and {e[4] for e in episodes} == {5}
    assert {e[3] for e in episodes} == {15.0}  # 1 + 2 + 3 + 4 + 5
    replay.server.stop()


@pytest.mark.parametrize("stride", [1, 3])
def test_a_replay_from_a_checkpoint_gets_what_came_after_it(sender_of, tmp_path, stride):
    port = free_port()
    folder = tmp_path / "replay"
    replay = Replay(port, folder, stride=stride)
    log, sender = sender_of(port)
    fill(log, 3)
    replay.look_until(lambda: not sender.unsent)
    replay.ingest.flush()
    replay.server.checkpoint()
    state = replay.ingest.state()
    fill(log, 2)
    replay.look_until(lambda: not sender.unsent)  # after the checkpoint: lost with the server
    replay.server.stop()
    fill(log, 1)  # while it is away
    replay = Replay(port, folder, state, stride=stride)
    replay.look_until(lambda: not sender.unsent and sender.status["session"] == replay.session)
    replay.ingest.flush()
    assert replay.ingest.env_steps == 30
    assert last_steps(replay.server.client) == every_window(log, stride)
    replay.server.stop()


def test_an_actor_that_comes_back_sends_nothing_twice(sender_of):
    port = free_port()
    replay = Replay(port)
    log, sender = sender_of(port)
    fill(log, 4)
    replay.look_until(lambda: not sender.unsent)
    sender.close()
    log.close()
    log, sender = sender_of(port)
    fill(log, 1)
    replay.look_until(lambda: not sender.unsent and sender.status)
    replay.ingest.flush()
    assert last_steps(replay.server.client) == every_window(log)
    replay.server.stop()


def test_doubled_and_early_steps_are_dropped():
    replay = Replay(None)

    def step(index):
        made = make_steps(1)[index]
        return {**made, STREAM: np.int64(7), STEP_INDEX: np.int64(index),
                ENV_STEP: np.int64(index)}

    taken = [replay.ingest.take(step(index)) for index in (0, 1, 1, 3, 0, 2, 3, 4, 5)]
    assert taken == [True, True, False, False, False, True, True, True, True]
    assert (replay.ingest.twice, replay.ingest.too_early) == (2, 1)
    replay.ingest.flush()
    assert last_steps(replay.server.client) == {(7, 3): 1, (7, 4): 1, (7, 5): 1}
    replay.server.stop()


def test_an_actor_of_another_robot_is_refused(sender_of):
    port = free_port()
    replay = Replay(port)
    other = {**SIGNATURE, "heading": tf.TensorSpec((), tf.float32)}
    _, sender = sender_of(port, signature=other)
    end = time.monotonic() + 30
    with pytest.raises(UserError, match="for another robot: 'heading' absent"):
        while time.monotonic() < end:
            replay.look()
            sender.check()
            time.sleep(0.05)
    replay.server.stop()


def error_of(check, seconds=30):
    """What `check` raises at last."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            check()
        except Exception as error:
            return error
        time.sleep(0.05)
    raise AssertionError("nothing was raised")


@pytest.mark.parametrize("damage", ["pruned", "of another robot"])
def test_a_log_that_cannot_be_sent_is_told(sender_of, tmp_path, damage):
    log = EpisodeLog(tmp_path / "a", SIGNATURE, robot="toy")
    fill(log, 2)
    log.close()
    first = tmp_path / "a/000000000.tfrecord"
    first.unlink()
    if damage == "of another robot":
        with tf.io.TFRecordWriter(str(first)) as writer:
            for _ in range(6):
                writer.write(tf.train.Example().SerializeToString())
    port = free_port()
    replay = Replay(port)
    _, sender = sender_of(port)

    def check():
        replay.look()
        sender.check()

    error = error_of(check)
    assert isinstance(error, UserError if damage == "pruned" else IndexError), error
    assert not sender.drain(30.0)  # at once: nothing will come
    replay.server.stop()


def test_whatever_the_inbox_meets_is_told():
    table = make_replay_table(
        stored_signature(SIGNATURE), capacity_steps=10, sequence_length=LENGTH, stride=1,
        min_items=1)
    with ReplayServer(table) as server:  # of another program: it has no inbox
        inbox = InboxReader(server.client)
        for _ in range(2):
            assert isinstance(error_of(lambda: list(inbox.steps(0.05))), ValueError)
