"""The replay role has recordings in its table from the start, as steps of nobody's."""

import pytest
import reverb
import tensorflow as tf
from role_process import RoleProcess

from dreamer_tf import record
from dreamer_tf.replay.connection import table_info
from dreamer_tf.roles.addresses import free_port

pytestmark = pytest.mark.slow
RECORDED = 30


def test_the_replay_role_has_the_demonstrations(tmp_path):
    demos = tmp_path / "demos"
    with pytest.raises(SystemExit) as end:
        record.cli(["dreamer-record", "--robot=fake_robot:FAKE", "--driver=random",
                    f"--out={demos}", f"--steps={RECORDED}"])
    assert end.value.code == 0
    port = free_port()
    role = RoleProcess("replay", tmp_path, port, free_port(), f"--demonstrations={demos}").start()
    try:
        role.until_it_says(f"{RECORDED} demonstrated steps are in the replay")
        role.until_it_says("of 0 steps")
        info = table_info(reverb.Client(f"localhost:{port}"))
        length = next(iter(info.signature.values())).shape[0]
        records = sum(1 for path in demos.glob("*.tfrecord")
                      for _ in tf.data.TFRecordDataset(str(path)))
        assert info.current_size == records - length + 1 > 0
        assert role.end() == 143
        again = role.start()
        again.until_it_says(f"{info.current_size} sequences of 0 steps")
        assert again.text.count("demonstrated") == 1  # from the checkpoint, not read twice
    finally:
        role.kill()
