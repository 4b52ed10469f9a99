"""The folder of a run: where everything lies, and whether it may be used."""
from __future__ import annotations

import fcntl
import json
import os
import pathlib
from typing import IO, Any, Dict, Optional

from dreamer_tf.errors import UserError

RUN_FILE = 'run.json'
FIXED = ('robot', 'agent', 'seed', 'layout')


class RunFolder:
    """One `--logdir`: its paths, its lock, and `run.json`, which says whose run it is.

    Layout: config.gin, run.json, metrics.jsonl, curve.csv, curve.png, checkpoints/, replay/
    (Reverb's own folder), tensorboard/, videos/.
    """

    def __init__(self, path: str):
        """Opens (and if needed makes) the folder.

        Raises:
          UserError: it cannot be made or written.
        """
        self.path = pathlib.Path(path).expanduser().absolute()
        self._lock: Optional[IO[str]] = None
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            probe = self.path / '.write_test.{}'.format(os.getpid())
            probe.write_text('')
            probe.unlink()
        except OSError as error:
            raise UserError('cannot write to --logdir={} ({}): choose another folder'.format(
                self.path, error.strerror)) from error

    @property
    def config(self) -> pathlib.Path:
        """The operative gin settings."""
        return self.path / 'config.gin'

    @property
    def metrics(self) -> pathlib.Path:
        """Scalars, one JSON object a line."""
        return self.path / 'metrics.jsonl'

    @property
    def curve(self) -> pathlib.Path:
        """The learning curve as CSV; the picture lies beside it with the ending .png."""
        return self.path / 'curve.csv'

    @property
    def checkpoints(self) -> pathlib.Path:
        """Weights, counters and replay of the last checkpoints."""
        return self.path / 'checkpoints'

    @property
    def replay(self) -> pathlib.Path:
        """The folder that Reverb owns: it deletes whatever else lies in it."""
        return self.path / 'replay'

    @property
    def tensorboard(self) -> pathlib.Path:
        """Event files."""
        return self.path / 'tensorboard'

    @property
    def videos(self) -> pathlib.Path:
        """Open-loop predictions and rendered episodes."""
        return self.path / 'videos'

    def lock(self) -> None:
        """Holds the folder for this process until `unlock` or the end of the process.

        Raises:
          UserError: another process holds it.
        """
        file = open(self.path / '.lock', 'a+', encoding='utf-8')
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.close()
            raise UserError('--logdir={} is in use by another run: stop that one first or choose '
                            'another folder'.format(self.path)) from error
        self._lock = file

    def unlock(self) -> None:
        """Lets other processes use the folder again."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def read_run(self) -> Optional[Dict[str, Any]]:
        """Returns the content of run.json, or None when nothing ran here yet.

        Raises:
          UserError: the file is damaged.
        """
        path = self.path / RUN_FILE
        if not path.exists():
            return None
        try:
            return json.loads(path.read_text(encoding='utf-8'))
        except ValueError as error:
            raise UserError('{} is damaged ({}): choose another --logdir'.format(
                path, error)) from error

    def write_run(self, run: Dict[str, Any]) -> None:
        """Writes run.json in one step."""
        beside = self.path / (RUN_FILE + '.tmp')
        beside.write_text(json.dumps(run, indent=2) + '\n', encoding='utf-8')
        beside.replace(self.path / RUN_FILE)

    def check_same_run(self, **wanted) -> None:
        """Refuses a folder that holds another run.

        Args:
          **wanted: what the command line asks for; `robot`, `agent`, `seed` and `layout` must be as
            they were.

        Raises:
          UserError: the folder holds another robot, agent, seed or layout.
        """
        run = self.read_run()
        if run is None:
            return
        run.setdefault('layout', 'inline')  # runs of before there were roles
        run.setdefault('agent', 'dreamer')  # and of before there were other agents
        for key in FIXED:
            if key in wanted and key in run and run[key] != wanted[key]:
                raise UserError('--logdir={} holds a run with {}={}, not {}: choose another '
                                'folder or the same {}'.format(
                                    self.path, key, run[key], wanted[key], key))

    def check_same_sizes(self, parameters: int, shapes: str) -> None:
        """Refuses a folder whose weights have other shapes than the agent that was built.

        Args:
          parameters: how many numbers the agent's variables hold.
          shapes: digest of all shapes (see `checkpoints.sizes`).

        Raises:
          UserError: the sizes differ.
        """
        run = self.read_run() or {}
        if run.get('shapes', shapes) != shapes:
            raise UserError(
                '--logdir={} holds a model of other sizes ({:,} numbers; now {:,}); it was made '
                'from the gin files {}: choose another folder or the same gin files'.format(
                    self.path, run['parameters'], parameters,
                    ','.join(pathlib.Path(name).stem for name in run['gin_files'])))
