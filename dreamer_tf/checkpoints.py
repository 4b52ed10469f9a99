"""Weights, counters and replay of a run, saved together or not at all."""
from __future__ import annotations

import hashlib
import json
import os
import pathlib
import shutil
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence

import numpy as np
import tensorflow as tf

from dreamer_tf import checkpoint_folders
from dreamer_tf.checkpoint_folders import STATE
from dreamer_tf.errors import UserError

WEIGHTS = 'weights'
REPLAY = 'replay'


class Restored(NamedTuple):
    """What `Checkpoints.restore` or `newest_readable` found.

    Attributes:
      path: folder of the checkpoint.
      state: the state that was given to `save`.
    """

    path: pathlib.Path
    state: Dict[str, Any]


class Checkpoints:
    """The last complete checkpoints of a run, each in a folder named after its steps.

    A checkpoint is written beside, read back, and then renamed: a kill or a full disk in the
    middle leaves the ones before untouched. Reverb keeps only its own newest checkpoint, so its
    files are linked (no copy) into ours: weights and replay of one folder belong together. The
    replay stays in the newest folder only, because it is large.
    """

    def __init__(self, folder: os.PathLike, items: Mapping[str, Any], *, keep: int = 2):
        """Looks at the folder; nothing is read yet.

        Args:
          folder: where the checkpoints are.
          items: name -> trackable object, all variables already built.
          keep: how many checkpoints to keep, at least 1.
        """
        if keep < 1:
            raise UserError('at least one checkpoint must be kept, not keep={}'.format(keep))
        self._folder = pathlib.Path(folder)
        self._checkpoint = tf.train.Checkpoint(**items)
        self._keep = keep

    def complete(self) -> List[pathlib.Path]:
        """Returns the folders of the complete checkpoints, oldest first."""
        return checkpoint_folders.complete(self._folder)

    def save(self, env_steps: int, state: Mapping[str, Any],
             replay: Optional[os.PathLike] = None) -> pathlib.Path:
        """Writes a checkpoint and removes the oldest ones.

        Args:
          env_steps: environment steps of the run, for the name of the folder.
          state: counters and the like, as JSON can hold them.
          replay: folder of the finished Reverb checkpoint that belongs to it, or None.

        Returns:
          The folder of the checkpoint.

        Raises:
          UserError: it could not be written, or the weights are not finite; the checkpoints of
            before are kept.
        """
        beside = self._folder / '.saving'
        try:
            shutil.rmtree(beside, ignore_errors=True)
            beside.mkdir(parents=True)
            self._checkpoint.write(str(beside / WEIGHTS))
            self._verify(beside / WEIGHTS)
            if replay is not None:
                link_tree(replay, beside / REPLAY / pathlib.Path(replay).name)
            (beside / STATE).write_text(json.dumps(dict(state), indent=1), encoding='utf-8')
            _sync(beside)
            target = self._free_name(env_steps)
            beside.rename(target)
        except (OSError, IndexError, tf.errors.OpError) as error:
            shutil.rmtree(beside, ignore_errors=True)
            raise UserError('could not save to {} ({}); {}'.format(
                self._folder, _reason(error), self._kept())) from error
        except UserError:
            shutil.rmtree(beside, ignore_errors=True)
            raise
        self._forget(target)
        return target

    def restore(self, warn=print) -> Optional[Restored]:
        """Reads the newest checkpoint that can be read.

        Args:
          warn: called with a line for each checkpoint that is damaged.

        Returns:
          Its folder and state, or None when there is none.

        Raises:
          UserError: the weights are those of another model, or every checkpoint is damaged.
        """
        found = newest_readable(self._folder, warn)
        if found is not None:
            self._read(found.path / WEIGHTS)
        elif self.complete():
            raise UserError('every checkpoint in {} is damaged: choose another --logdir'.format(
                self._folder))
        return found

    def bring_back_replay(self, target: os.PathLike) -> bool:
        """Puts the replay of the newest checkpoint where Reverb looks for it.

        Args:
          target: Reverb's own folder; everything in it is replaced.

        Returns:
          Whether there was a replay to bring back.

        Raises:
          UserError: the folder cannot be written.
        """
        target = pathlib.Path(target)
        sources = [path / REPLAY for path in self.complete() if (path / REPLAY).is_dir()]
        try:
            shutil.rmtree(target, ignore_errors=True)
            target.mkdir(parents=True)
            for entry in sources[-1].iterdir() if sources else ():
                link_tree(entry, target / entry.name)
        except OSError as error:
            raise UserError('could not bring the replay back to {} ({})'.format(
                target, _reason(error))) from error
        return bool(sources)

    def _read(self, prefix: pathlib.Path) -> None:
        try:
            self._checkpoint.read(str(prefix)).assert_existing_objects_matched()
        except (ValueError, AssertionError, tf.errors.OpError) as error:
            raise UserError('{} holds the weights of another model ({}): choose another --logdir '
                            'or the same gin files'.format(prefix.parent, _reason(error))
                            ) from error

    def _verify(self, prefix: pathlib.Path) -> None:
        for name, value in _read_all(prefix).items():
            if np.issubdtype(value.dtype, np.floating) and not np.all(np.isfinite(value)):
                raise UserError('the weights are not finite any more ({}) and are not saved; {}'
                                .format(name.split('/.ATTRIBUTES')[0], self._kept()))

    def _kept(self) -> str:
        paths = self.complete()
        if not paths:
            return 'there is no earlier checkpoint'
        return 'the checkpoint of step {} is kept'.format(checkpoint_folders.order(paths[-1])[0])

    def _free_name(self, env_steps: int) -> pathlib.Path:
        # Behind the last one of these steps, never in a gap: the names tell which is the newest.
        counts = [count for steps, count in map(checkpoint_folders.order,
                                                checkpoint_folders.named(self._folder))
                  if steps == env_steps]
        suffix = '.{}'.format(max(counts) + 1) if counts else ''
        return self._folder / '{:09d}{}'.format(env_steps, suffix)

    def _forget(self, newest: pathlib.Path) -> None:
        paths = self.complete()
        for path in paths[:-self._keep]:
            if path != newest:  # one of later steps may be there and be damaged
                shutil.rmtree(path, ignore_errors=True)
        if (newest / REPLAY).is_dir():
            for path in paths:
                if path != newest:
                    shutil.rmtree(path / REPLAY, ignore_errors=True)


def newest_readable(folder: os.PathLike, warn=print) -> Optional[Restored]:
    """Looks for the checkpoint that `Checkpoints.restore` reads, without a model of its weights.

    Args:
      folder: where the checkpoints are.
      warn: called with a line for each newer checkpoint that is damaged.

    Returns:
      Its folder and state, or None when there is none, or none without damage.
    """
    for path in reversed(checkpoint_folders.complete(folder)):
        try:
            state = json.loads((path / STATE).read_text(encoding='utf-8'))
            _read_all(path / WEIGHTS)
        except (OSError, ValueError, IndexError, tf.errors.OpError) as error:
            warn('checkpoint {} is damaged and is left out ({})'.format(path, _reason(error)))
            continue
        return Restored(path, state)
    return None


def sizes(variables: Sequence[tf.Variable]) -> Dict[str, Any]:
    """Returns how many numbers variables hold, and a digest of their shapes."""
    shapes = sorted(tuple(variable.shape.as_list()) for variable in variables)
    digest = hashlib.sha256(repr(shapes).encode()).hexdigest()[:16]
    return {'parameters': int(sum(np.prod(shape, dtype=np.int64) for shape in shapes)),
            'shapes': digest}


def link_tree(source: os.PathLike, target: os.PathLike) -> None:
    """Copies a folder with hard links, or really where the file system has none.

    Raises:
      OSError: a file cannot be read or written.
    """
    def link(from_path, to_path):
        try:
            os.link(from_path, to_path)
        except OSError:
            shutil.copy2(from_path, to_path)
    shutil.copytree(source, target, copy_function=link)


def _read_all(prefix: pathlib.Path) -> Dict[str, np.ndarray]:
    """Reads every tensor of a checkpoint, which checks its checksums; returns the numbers.

    Raises:
      IndexError, tf.errors.OpError: a file is too short, or damaged otherwise.
    """
    reader = tf.train.load_checkpoint(str(prefix))
    values = {}
    for name, dtype in reader.get_variable_to_dtype_map().items():
        value = reader.get_tensor(name)  # also what is no number: it tells whose the others are
        if dtype != tf.string:
            values[name] = value
    return values


def _sync(folder: pathlib.Path) -> None:
    # After a power cut the rename must not be there without the bytes.
    for path in folder.iterdir():
        if path.is_file():
            with open(path, 'rb') as file:
                os.fsync(file.fileno())


def _reason(error: Exception) -> str:
    text = getattr(error, 'strerror', None) or str(error) or type(error).__name__
    return ' '.join(text.split())[:200]
