"""The server: what it keeps over a restart, and what it refuses."""

import socket
import time

import pytest
import tensorflow as tf

from dreamer_tf.errors import UserError
from dreamer_tf.replay.connection import connect, table_counts
from dreamer_tf.replay.sequence_dataset import make_sequence_dataset
from dreamer_tf.replay.sequence_writer import SequenceWriter


def write(server, make_step, steps):
    writer = SequenceWriter(server.address)
    for n in steps:
        writer.append(make_step(n))
    writer.flush()


def test_restart_brings_back_items_and_the_state_of_the_ratio(serve, make_step, tmp_path, within):
    table = {"replay_ratio": 4.0, "min_items": 4}
    server = serve(checkpoint_dir=tmp_path / "replay", **table)
    assert server.restored_items == 0
    write(server, make_step, range(43))  # 40 items allow 40 samples
    iterator = iter(make_sequence_dataset(server.address, batch_size=4))
    for _ in range(10):
        next(iterator)
    before = table_counts(server.client)
    assert before == (40, 40, 40)
    server.checkpoint()
    server.stop()

    again = serve(checkpoint_dir=tmp_path / "replay", **table)
    assert again.restored_items == 40
    assert table_counts(again.client) == before
    iterator = iter(make_sequence_dataset(again.address, batch_size=4))
    assert not within(0.3, next, iterator)[0]  # the ratio was used up, and still is
    write(again, make_step, range(100, 143))
    # 40 samples more: the call above, which still waits for its batch, gets the first four.
    counts = {int(c) for _ in range(9) for c in next(iterator)["count"][:, 0].numpy()}
    assert counts <= set(range(40)) | set(range(100, 140))  # no item spans the restart
    assert min(counts) < 40 and max(counts) >= 100
    assert table_counts(again.client).inserts == 80


def test_only_what_was_saved_comes_back(serve, make_step, tmp_path):
    server = serve(checkpoint_dir=tmp_path)
    write(server, make_step, range(10))
    server.checkpoint()
    write(server, make_step, range(10))
    server.checkpoint()
    write(server, make_step, range(10))
    server.stop()
    assert len(list(tmp_path.iterdir())) == 1
    assert serve(checkpoint_dir=tmp_path).restored_items == 14


@pytest.mark.parametrize(
    "change, message",
    [
        ({"sequence_length": 5}, r"'count' float32 \(4,\) \(asked: float32 \(5,\)\)"),
        ({"step_signature": {"x": tf.TensorSpec((), tf.int32)}}, r"'x' absent \(asked: int32"),
        ({"capacity_steps": 999}, "capacity 997 items"),
        ({"replay_ratio": 2.0}, r"0.25 samples per insert \(asked: 0.5\)"),
        ({"replay_ratio": None}, r"0.25 samples per insert \(asked: 1\)"),
    ],
)
def test_replay_saved_with_other_settings_is_refused(serve, make_step, tmp_path, change, message):
    table = {"replay_ratio": 1.0}
    server = serve(checkpoint_dir=tmp_path, **table)
    write(server, make_step, range(10))
    server.checkpoint()
    server.stop()
    with pytest.raises(UserError, match=message) as error:
        serve(checkpoint_dir=tmp_path, **{**table, **change})
    assert "\n" not in str(error.value)
    assert serve(checkpoint_dir=tmp_path, **table).restored_items == 7  # nothing was lost


def test_folder_with_other_things_is_refused_and_left_alone(serve, tmp_path):
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(UserError, match="thesis.txt"):
        serve(checkpoint_dir=tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "precious"


def test_folder_that_cannot_be_made_is_refused(serve, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be used"):
        serve(checkpoint_dir=tmp_path / "file" / "replay")


def test_port_in_use_is_refused(serve):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(UserError, match="cannot be used for the replay server"):
            serve(port=other.getsockname()[1])


def test_port_of_another_replay_server_is_refused_until_it_has_gone(serve):
    server = serve()
    port = int(server.address.split(":")[1])
    with pytest.raises(UserError, match=f"port {port}"):
        serve(port=port)
    server.stop()
    assert serve(port=port).address == server.address


def test_server_at_a_given_address_answers(serve):
    address = serve().address
    assert connect(address).server_address == address


def test_unreachable_address_is_refused_quickly():
    start = time.perf_counter()
    with pytest.raises(UserError, match="no replay server answers at localhost:1"):
        connect("localhost:1", timeout=1.0)
    assert time.perf_counter() - start < 3.0


def test_server_without_folder_leaves_nothing_behind(serve, make_step, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with serve() as server:
        write(server, make_step, range(10))
        assert server.checkpoint().startswith(str(tmp_path))
    assert list(tmp_path.iterdir()) == []
