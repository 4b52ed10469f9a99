"""The replay role tells whether it was saved."""

import shutil

import pytest
from role_process import RoleProcess

from dreamer_tf.roles.addresses import free_port

pytestmark = pytest.mark.slow


@pytest.fixture
def role(tmp_path):
    role = RoleProcess("replay", tmp_path, free_port(), free_port(),
                       "--gin_bindings=Trainer.checkpoint_every_minutes = 0.02").start()
    yield role
    if role.running():
        role.kill()


def test_what_cannot_be_saved_is_told_and_ends_in_an_error(role, tmp_path):
    role.until_it_says("sequences of")
    folder = tmp_path / "replay_role/checkpoints"
    shutil.rmtree(folder, ignore_errors=True)
    while True:  # a save that is under way makes it anew
        try:
            folder.write_text("a file in the place of the folder")
            break
        except IsADirectoryError:
            shutil.rmtree(folder, ignore_errors=True)
    role.until_it_says("warning: not saved: could not save to", times=2)  # it goes on serving
    assert role.end() == 1
    assert "error: could not save to" in role.text and "saved at" not in role.text
    assert "Traceback" not in role.text
