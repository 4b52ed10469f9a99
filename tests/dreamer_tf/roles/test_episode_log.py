"""The actor's log: what it holds after kills, and what others read in it."""

import json
import time

import numpy as np
import pytest
import tensorflow as tf
from tf_agents.specs import array_spec
from tf_agents.trajectories import time_step as ts

from dreamer_tf.errors import UserError
from dreamer_tf.recording import demonstrations
from dreamer_tf.recording.demonstrations import open_recording
from dreamer_tf.replay.alignment import step_from_time_step
from dreamer_tf.replay.step_spec import replay_step_spec
from dreamer_tf.roles.episode_log import EpisodeLog
from dreamer_tf.roles.log_writer import LogWriter
from dreamer_tf.roles.rlds import RecordsFromSteps, record_of, step_of

OBSERVATION = {
    "image": array_spec.ArraySpec((4, 4, 3), np.uint8),
    "speed": array_spec.ArraySpec((), np.float32),
    "touch": array_spec.ArraySpec((2,), np.bool_),
}
ACTION = array_spec.BoundedArraySpec((2,), np.float32, -1.0, 1.0)
SIGNATURE = replay_step_spec(ts.time_step_spec(OBSERVATION), ACTION)


def make_steps(episodes=2, length=5, terminal=True):
    """Replay steps of episodes with random content, made by the alignment of the collector."""
    random = np.random.default_rng(0)
    steps = []
    for _ in range(episodes):
        for index in range(length + 1):
            observation = {
                "image": random.integers(0, 256, (4, 4, 3), np.uint8),
                "speed": np.float32(random.normal()),
                "touch": random.integers(0, 2, 2).astype(bool),
            }
            action = random.uniform(-1, 1, 2).astype(np.float32)
            kind = (ts.StepType.FIRST if index == 0 else
                    ts.StepType.LAST if index == length else ts.StepType.MID)
            end = index == length and terminal
            time_step = ts.TimeStep(kind, np.float32(index), np.float32(not end), observation)
            steps.append(step_from_time_step(time_step, action))
    return steps


def assert_same(one, other):
    assert one.keys() == other.keys()
    for key in one:
        np.testing.assert_array_equal(one[key], other[key], err_msg=key)
        assert np.asarray(one[key]).dtype == np.asarray(other[key]).dtype, key


def records_of(steps):
    shift = RecordsFromSteps()
    return [record for step in steps for record in shift.add(step)] + shift.end()


def steps_of(entries):
    before = [None] + [record for record, _ in entries[:-1]]
    return [step_of(record, previous) for (record, _), previous in zip(entries, before)]


def test_a_record_pairs_an_observation_with_what_came_next():
    steps = make_steps(1, 2)
    records = records_of(steps)
    assert [float(r["reward"]) for r in records] == [1, 2, 0]
    assert [float(r["discount"]) for r in records] == [1, 0, 0]
    np.testing.assert_array_equal(records[0]["action"], steps[1]["prev_action"])
    np.testing.assert_array_equal(records[2]["action"], [0, 0])
    assert [bool(r["is_last"]) for r in records] == [False, False, True]


def test_steps_come_back_from_the_log_as_they_were(tmp_path):
    steps = make_steps(3)
    log = EpisodeLog(tmp_path, SIGNATURE, robot="toy")
    for record in records_of(steps):
        log.append(record)
    assert (log.next_index, log.env_steps) == (18, 15)
    for got, wanted in zip(steps_of(log.read(0, 100)), steps):
        assert_same(got, wanted)
    log.close()
    again = EpisodeLog(tmp_path, SIGNATURE, robot="toy")  # from disk, one episode a read
    assert (again.next_index, again.env_steps, again.stream) == (18, 15, log.stream)
    entries = []
    while len(entries) < 18:
        entries += again.read(len(entries), 4)
    assert [count for _, count in entries[:8]] == [0, 1, 2, 3, 4, 5, 5, 6]
    for got, wanted in zip(steps_of(entries), steps):
        assert_same(got, wanted)
    assert again.read(18, 4) == []


@pytest.mark.parametrize("cut", [1, 9, 40])
def test_half_a_record_at_the_end_is_cut_off_and_the_log_goes_on(tmp_path, cut):
    steps = make_steps(2)
    log = EpisodeLog(tmp_path, SIGNATURE, robot="toy")
    for record in records_of(steps):
        log.append(record)
    log.close()
    path = tmp_path / "000000006.tfrecord"
    path.write_bytes(path.read_bytes()[:-cut])
    log = EpisodeLog(tmp_path, SIGNATURE, robot="toy")
    assert (log.next_index, log.env_steps) == (11, 9)
    for record in records_of(make_steps(1)):
        log.append(record)
    log.close()
    log = EpisodeLog(tmp_path, SIGNATURE, robot="toy")
    assert log.next_index == 17
    assert [bool(r["is_first"]) for r, _ in log.read(9, 2) + log.read(11, 2)] == [
        False, False, True, False]


def test_others_read_the_log_with_tensorflow_alone(tmp_path):
    steps = make_steps(1)
    log = EpisodeLog(tmp_path, SIGNATURE, robot="toy")
    for record in records_of(steps):
        log.append(record)
    log.close()
    features = json.loads((tmp_path / "stream.json").read_text())["features"]
    assert features["observation/image"] == {"dtype": "uint8", "shape": [4, 4, 3]}
    wanted = {"observation/image", "observation/speed", "observation/touch", "action", "reward",
              "discount", "is_first", "is_last", "is_terminal"}
    assert set(features) == wanted
    data = next(iter(tf.data.TFRecordDataset(str(tmp_path / "000000000.tfrecord")).batch(6)))
    parsed = tf.io.parse_example(data, {
        "observation/image": tf.io.FixedLenFeature([], tf.string),
        "action": tf.io.FixedLenFeature([2], tf.float32),
        "is_last": tf.io.FixedLenFeature([], tf.int64)})
    images = tf.io.decode_raw(parsed["observation/image"], tf.uint8).numpy().reshape(6, 4, 4, 3)
    np.testing.assert_array_equal(images[3], steps[3]["image"])
    np.testing.assert_array_equal(parsed["action"][:-1], [s["prev_action"] for s in steps[1:]])
    np.testing.assert_array_equal(parsed["is_last"], [0, 0, 0, 0, 0, 1])


def test_an_interrupted_episode_has_no_action_at_its_end():
    first, second = make_steps(1)[:3], make_steps(1)
    records = records_of(first + second)
    assert len(records) == 9 and float(records[2]["discount"]) == 0
    np.testing.assert_array_equal(records[2]["action"], [0, 0])
    assert_same(step_of(records[3], records[2]), second[0])


def test_a_log_of_another_robot_is_refused(tmp_path):
    EpisodeLog(tmp_path, SIGNATURE, robot="toy")
    with pytest.raises(UserError, match="holds the log of a toy"):
        EpisodeLog(tmp_path, {**SIGNATURE, "more": tf.TensorSpec((), tf.float32)}, robot="toy")


def test_the_writer_never_blocks_and_says_when_the_disk_is_too_slow(tmp_path):
    class SlowDisk(EpisodeLog):
        def append(self, record):
            gate.wait()
            super().append(record)

    import threading
    gate = threading.Event()
    writer = LogWriter(SlowDisk(tmp_path, SIGNATURE, robot="toy"), queue_steps=4)
    steps = make_steps(2)
    with pytest.raises(UserError, match="the disk did not take 4 steps"):
        for step in steps:
            writer.put(step)
    gate.set()
    writer.close()
    assert EpisodeLog(tmp_path, SIGNATURE, robot="toy").next_index >= 4


def test_what_waits_is_written_at_the_end(tmp_path):
    log = EpisodeLog(tmp_path, SIGNATURE, robot="toy")
    writer = LogWriter(log, queue_steps=100)
    for step in make_steps(1)[:4]:
        writer.put(step)
    writer.close()
    assert log.next_index == 4


def test_a_discount_between_is_terminal_or_not():
    steps = make_steps(1, terminal=False)
    assert float(record_of(steps[4], steps[5])["discount"]) == 1


def test_a_log_whose_first_file_is_gone_is_told_in_one_line(tmp_path):
    log = EpisodeLog(tmp_path, SIGNATURE, robot="toy")
    for record in records_of(make_steps(3)):
        log.append(record)
    log.close()
    (tmp_path / "000000000.tfrecord").unlink()
    log = EpisodeLog(tmp_path, SIGNATURE, robot="toy")
    with pytest.raises(UserError, match="has no record 0: is a file missing"):
        log.read(0, 4)
    assert len(log.read(6, 4)) == 4


def test_whatever_the_writer_meets_stops_the_robot(tmp_path):
    writer = LogWriter(EpisodeLog(tmp_path, SIGNATURE, robot="toy"), queue_steps=100)
    step = make_steps(1)[0]
    writer.put({key: value for key, value in step.items() if key != "is_last"})
    with pytest.raises(KeyError, match="is_last"):
        for _ in range(100):
            writer.put(step)
            time.sleep(0.05)
    with pytest.raises(KeyError, match="is_last"):
        writer.close()


def everything_in(folder):
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}


@pytest.mark.parametrize("left, complete", [(0, 12), (5, 12), (700, 14)])
def test_reading_leaves_a_log_to_its_owner(tmp_path, left, complete):
    steps, more = make_steps(2), make_steps(1)
    owner = EpisodeLog(tmp_path, SIGNATURE, robot="toy")
    for record in records_of(steps + more[:3]):
        owner.append(record)
    # What the owner is just writing: bytes of its newest record are not there yet.
    newest = tmp_path / "000000012.tfrecord"
    whole = newest.read_bytes()
    assert len(whole) > 700
    newest.write_bytes(whole[:left])
    before = everything_in(tmp_path)
    found = list(demonstrations.steps_of(open_recording(tmp_path, SIGNATURE, "toy")))
    assert everything_in(tmp_path) == before
    assert len(found) == complete
    for got, wanted in zip(found, steps + more):
        assert_same(got, wanted)
    newest.write_bytes(whole)
    for record in records_of(more):
        owner.append(record)
    owner.close()
    assert EpisodeLog(tmp_path, SIGNATURE, robot="toy").next_index == 12 + 3 + 6


def test_who_only_reads_neither_begins_a_log_nor_appends_to_one(tmp_path):
    with pytest.raises(UserError, match="there is no log in"):
        EpisodeLog(tmp_path / "nowhere", SIGNATURE, robot="toy", read_only=True)
    assert not (tmp_path / "nowhere").exists()
    EpisodeLog(tmp_path, SIGNATURE, robot="toy")
    log = EpisodeLog(tmp_path, SIGNATURE, robot="toy", read_only=True)
    with pytest.raises(UserError, match="opened for reading only"):
        log.append(records_of(make_steps(1))[0])
