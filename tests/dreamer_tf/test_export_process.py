"""Which checkpoint is exported beside a run; that it is, is in test_training_run.py."""
import pytest

from dreamer_tf.export_process import ExportProcess


@pytest.fixture
def logdir(tmp_path):
    """A run whose checkpoint of step 10,000 lies there, exported; export finds no run.json."""
    (tmp_path / 'checkpoints' / '000010000').mkdir(parents=True)
    (tmp_path / 'checkpoints' / '000010000' / 'state.json').write_text('{"env_steps": 10000}')
    (tmp_path / 'policies' / 'greedy' / '10000').mkdir(parents=True)
    return tmp_path


@pytest.mark.parametrize('env_steps, tried', [(10_000, False), (9_500, True)])
def test_what_was_just_written_is_exported_beside_a_damaged_one_of_later_steps(
        logdir, env_steps, tried):
    said = []
    process = ExportProcess(logdir, said.append)
    process.start(env_steps)
    process.finish()
    assert ['not exported' in line and 'holds no run' in line for line in said] == [True] * tried


@pytest.mark.parametrize('env_steps, told', [(9_000, True), (10_000, False), (10_500, False)])
def test_an_export_of_a_checkpoint_that_is_lost_is_told(logdir, env_steps, told):
    said = []
    (logdir / 'policies' / 'greedy' / '.beside').mkdir()
    ExportProcess(logdir, said.append).resume(env_steps)
    assert ['version 10000, of a checkpoint that is damaged' in line for line in said
            ] == [True] * told


def test_a_run_without_exports_goes_on_without_a_word(tmp_path):
    said = []
    ExportProcess(tmp_path, said.append).resume(0)
    assert said == []
