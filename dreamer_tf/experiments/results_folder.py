"""The folder of gathered runs: a curve, its settings and what is known about it for each."""
from __future__ import annotations

import json
import os
import pathlib
from typing import Any, Dict, List, Optional

from dreamer_tf import checkpoint_folders
from dreamer_tf.errors import UserError
from dreamer_tf.experiments import gin_values, machine, result
from dreamer_tf.experiments.result import Result
from dreamer_tf.experiments.run import Run
from dreamer_tf.run_folder import RUN_FILE, RunFolder
from robot_envs import registry


class ResultsFolder:
    """`<robot>/<label>/seed<k>.csv` (the curve), `.gin` (its settings), `.json` (the rest)."""

    def __init__(self, path: str):
        """Looks at a folder, which need not be there yet."""
        self.path = pathlib.Path(path).expanduser().absolute()

    def all(self) -> List[Result]:
        """Returns every run that has a curve, sorted by name.

        Raises:
          UserError: a file is damaged.
        """
        paths = sorted(self.path.glob('*/*/seed*.csv'))
        found = [result.read(path) for path in paths if path.stem[len('seed'):].isdigit()]
        return [item for item in found if item is not None]

    def find(self, run: Run) -> Optional[Result]:
        """Returns what is there of a run of a suite.

        Raises:
          UserError: what is there was made with other settings, or is damaged.
        """
        found = result.read(self.path / (run.name + '.csv'))
        if found is None or 'gin_files' not in found.about:
            return found
        different = run.differences(found.about, _settings(self.path / (run.name + '.gin')))
        if different:
            raise UserError('{} was made with {}: choose another --results'.format(
                self.path / run.name, ', '.join(different)))
        return found

    def is_finished(self, run: Run) -> bool:
        """Tells whether all steps of a run of a suite are there.

        Raises:
          UserError: see `find`.
        """
        found = self.find(run)
        if found is None:
            return False
        missing = run.part.env_steps - found.env_steps
        if 'env_steps' in found.about:
            return missing <= 0
        return missing < registry.get(run.part.robot).episode_steps  # after its last episode

    def take(self, logdir: str, *, name: str = '') -> Result:
        """Copies what is worth keeping of a run, which may go on meanwhile.

        Args:
          logdir: folder of the run.
          name: `<robot>/<label>/seed<k>`; '' for what the run itself says.

        Raises:
          UserError: there is no run in `logdir`, none of its episodes has ended, or a file cannot
            be written.
        """
        about = describe(logdir)
        folder = RunFolder(str(pathlib.Path(logdir).expanduser()))
        name = name or '{robot}/{agent}/seed{seed}'.format(**about)
        target = self.path / (name + '.csv')
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            _write(target, folder.curve.read_bytes() if folder.curve.exists() else b'')
            if folder.config.exists():
                _write(target.with_suffix('.gin'), folder.config.read_bytes())
            _write(target.with_suffix('.json'), (json.dumps(about, indent=1) + '\n').encode())
            taken = result.read(target)
        except OSError as error:
            raise UserError('cannot keep {} in {} ({})'.format(
                logdir, self.path, error.strerror)) from error
        if taken is None:
            raise UserError('{}: no episode has ended yet'.format(logdir))
        return taken


def describe(logdir: str) -> Dict[str, Any]:
    """Returns what is known about a run beside its curve: robot, agent, seed, env_steps, updates,
    seconds, parameters, gin_files, gin_bindings and this machine.

    Raises:
      UserError: there is no run in `logdir`.
    """
    source = pathlib.Path(logdir).expanduser()
    if not (source / RUN_FILE).is_file():
        raise UserError('{} holds no run: there is no {}'.format(source, RUN_FILE))
    folder = RunFolder(str(source))
    run = folder.read_run()
    about = {'robot': run['robot'], 'agent': run.get('agent', 'dreamer'), 'seed': run['seed'],
             **_counters(folder), 'parameters': run.get('parameters'),
             'gin_files': [os.path.basename(path) for path in run.get('gin_files', ())],
             'gin_bindings': run.get('gin_bindings', [])}
    return {**about, 'machine': machine.describe()}


def settings_of(logdir: str) -> Dict[str, Any]:
    """Returns the settings that a run noted as in use, see `gin_values`; {} before it does.

    Raises:
      UserError: they cannot be read.
    """
    return _settings(RunFolder(str(pathlib.Path(logdir).expanduser())).config)


def _settings(path: pathlib.Path) -> Dict[str, Any]:
    return gin_values.of_files([path] if path.exists() else [])


def _counters(folder: RunFolder) -> Dict[str, Any]:
    """Steps, updates and seconds of training: of the newest checkpoint or of the log, whichever
    is further."""
    records = [{'env_steps': 0, 'updates': 0, 'seconds': 0.0}]
    for path in checkpoint_folders.complete(folder.checkpoints)[-1:]:
        records.append(json.loads(
            (path / checkpoint_folders.STATE).read_text(encoding='utf-8')))
    if folder.metrics.exists():
        for line in folder.metrics.read_text(encoding='utf-8').splitlines()[-2:]:
            try:
                records.append(json.loads(line))
            except ValueError:  # a run that goes on is writing it
                continue
    furthest = max(records, key=lambda record: record['env_steps'])
    return {key: furthest[key] for key in ('env_steps', 'updates', 'seconds')}


def _write(path: pathlib.Path, data: bytes) -> None:
    beside = path.with_name(path.name + '.tmp')
    beside.write_bytes(data)
    os.replace(beside, path)
