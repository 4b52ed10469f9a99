"""Updates due: by hand, and against the limiter of a real server in one thread."""

import pytest

from dreamer_tf.errors import UserError
from dreamer_tf.replay.connection import table_counts
from dreamer_tf.replay.replay_ratio import ReplayRatio
from dreamer_tf.replay.sequence_writer import SequenceWriter


def test_updates_by_hand():
    # 16 sequences of 32 steps are 512 replayed steps: at R 64 one update every 8 steps.
    ratio = ReplayRatio(64.0, batch_size=16, sequence_length=32, min_items=100)
    assert [ratio.updates_due(n) for n in (0, 99, 100, 103, 104, 1000)] == [0, 0, 12, 12, 13, 125]


def test_stride_counts():
    # One item every 2 steps: 1000 items are 2000 steps.
    ratio = ReplayRatio(64.0, batch_size=16, sequence_length=32, stride=2, min_items=1)
    assert ratio.updates_due(1000) == 250


def test_going_on_after_a_restart():
    # 100 items at one sample each; 40 were drawn, of which some were lost on the way.
    ratio = ReplayRatio(
        4.0,
        batch_size=10,
        sequence_length=4,
        min_items=50,
        items_before=100,
        samples_before=40,
    )
    assert [ratio.updates_due(n) for n in (0, 9, 10)] == [6, 6, 7]


def test_senseless_ratio_is_refused():
    with pytest.raises(UserError, match="above 0"):
        ReplayRatio(0.0, batch_size=1, sequence_length=1, min_items=1)


@pytest.mark.parametrize("stride, chunk_length", [(1, 1), (1, 4), (3, 4)])
@pytest.mark.parametrize("replay_ratio", [0.3, 1.0, 3.7, 10.0, 33.3])
def test_one_thread_never_waits_for_itself(
    serve, make_step, iterate, within, replay_ratio, stride, chunk_length
):
    """Collecting and training in turn takes exactly the batches that the limiter grants."""
    settings = {"sequence_length": 5, "stride": stride, "min_items": 7}
    server = serve(replay_ratio=replay_ratio, **settings)
    writer = SequenceWriter(server.client, stride=stride, chunk_length=chunk_length)
    ratio = ReplayRatio(replay_ratio, batch_size=4, **settings)
    batches = iterate(server, 4)
    updates = 0
    for n in range(150):
        writer.append(make_step(n))
        while updates < ratio.updates_due(writer.items_written):
            assert within(10.0, next, batches)[0], f"no batch for update {updates} at step {n}"
            updates += 1
    counts = table_counts(server.client)
    assert updates == counts.inserts * replay_ratio * stride // (5 * 4)
    assert not within(0.1, next, batches)[0]  # and none more
    assert counts.samples - 4 * updates < 4


def test_one_thread_goes_on_after_a_restart(serve, make_step, iterate, within, tmp_path):
    """Batches that were fetched and never used are given up; nothing waits for them."""
    table = {"replay_ratio": 8.0, "min_items": 4, "checkpoint_dir": tmp_path}
    server = serve(**table)
    writer = SequenceWriter(server.client)
    batches = iterate(server, 4)
    for n in range(43):
        writer.append(make_step(n))
    next(batches)
    server.checkpoint()
    assert table_counts(server.client).samples > 4  # some were fetched ahead
    server.stop()

    again = serve(**{**table, "min_items": 1})  # the table keeps the 4 it was made with
    ratio = ReplayRatio.of_table(again.client, batch_size=4)
    writer = SequenceWriter(again.client)
    batches = iterate(again, 4)
    updates = 0
    for n in range(50):
        writer.append(make_step(n))
        while updates < ratio.updates_due(writer.items_written):
            assert within(10.0, next, batches)[0]
            updates += 1
    assert updates >= writer.items_written * 2 // 4


def test_the_table_tells_its_own_ratio(serve, make_step):
    server = serve(replay_ratio=3.7, min_items=9, stride=2, sequence_length=3)
    told = ReplayRatio.of_table(server.client, batch_size=4)
    same = ReplayRatio(3.7, batch_size=4, sequence_length=3, stride=2, min_items=9)
    assert [told.updates_due(n) for n in range(200)] == [same.updates_due(n) for n in range(200)]


def test_a_table_without_ratio_says_so(serve):
    with pytest.raises(UserError, match="free-running"):
        ReplayRatio.of_table(serve().client, batch_size=4)


def test_fewer_items_than_sampling_waits_for_survive_a_restart(
    serve, make_step, iterate, within, tmp_path
):
    """Stopped while prefilling, and started again with a shorter prefill: nothing may hang."""
    table = {"replay_ratio": 8.0, "checkpoint_dir": tmp_path}
    server = serve(min_items=20, **table)
    writer = SequenceWriter(server.client)
    for n in range(13):
        writer.append(make_step(n))
    writer.flush()
    server.checkpoint()
    server.stop()
    again = serve(min_items=4, **table)
    ratio, writer = ReplayRatio.of_table(again.client, batch_size=4), SequenceWriter(again.client)
    batches, updates = iterate(again, 4), 0
    assert ratio.updates_due(0) == 0
    for n in range(16):
        writer.append(make_step(n))
        while updates < ratio.updates_due(writer.items_written):
            assert within(10.0, next, batches)[0]
            updates += 1
    assert updates == (10 + 13) * 2 // 4
