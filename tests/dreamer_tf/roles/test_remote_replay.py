"""The replay as the learner sees it, while there is none."""

import time

from test_episode_log import SIGNATURE

from dreamer_tf.replay.tables import make_replay_table
from dreamer_tf.roles.addresses import free_port
from dreamer_tf.roles.inbox import stored_signature
from dreamer_tf.roles.link import Link
from dreamer_tf.roles.remote_collector import RemoteCollector
from dreamer_tf.roles.remote_replay import READY_SECONDS, RemoteReplay

SECONDS = 2.0


def test_a_learner_that_waits_leaves_the_core_to_others():
    table = make_replay_table(
        stored_signature(SIGNATURE), capacity_steps=100, sequence_length=4, stride=1, min_items=1)
    said = []
    link = Link(f"localhost:{free_port()}", "the replay server", said.append)
    replay = RemoteReplay(link, asked=table.info, batch_size=2)
    collector = RemoteCollector(replay, env_steps=0)
    began, used, rounds = time.monotonic(), time.thread_time(), 0
    while time.monotonic() - began < SECONDS:  # as `TrainingLoop` does
        assert collector.step() is None
        assert replay.updates_due() == 0 and replay.work_left()
        rounds += 1
    assert 2 < rounds <= SECONDS / READY_SECONDS + 1
    assert time.thread_time() - used < SECONDS / 4
    assert len(said) == 1 and "does not answer" in said[0]
    replay.close()
