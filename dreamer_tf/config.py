"""Settings: which gin files are read, in which order, and what is said when one is wrong.

Order, later wins: `dreamer.gin`, `<robot>.gin`, of a baseline `<agent>.gin`, every `--gin_file`,
every `--gin_bindings`.
"""
from __future__ import annotations

import importlib.util  # noqa: F401  gin 0.5.0 uses importlib.util without importing it
import logging
import os
import pathlib
import re
from typing import List, NamedTuple, Sequence, Tuple

import gin

from dreamer_tf.baselines import catalog
from dreamer_tf.errors import UserError
from robot_envs import registry

BASE_FILE = 'dreamer.gin'
DEFAULT_FILE = 'small'


def gin_folder() -> pathlib.Path:
    """Returns the absolute folder of the gin files.

    In a source tree it is `gin/` beside the package; in an installed wheel the same files are
    package data in `dreamer_tf/configs/`.

    Raises:
      UserError: neither folder is there.
    """
    package = pathlib.Path(__file__).resolve().parent
    candidates = (package.parent / 'gin', package / 'configs')
    for folder in candidates:
        if (folder / BASE_FILE).is_file():
            return folder
    raise UserError('the gin files are missing: no {} in {}'.format(
        BASE_FILE, ' or '.join(map(str, candidates))))


def known_names() -> List[str]:
    """Returns the names that `--gin_file` knows, sorted (`debug`, `paper`, `small` ...)."""
    return sorted(path.stem for path in gin_folder().glob('*.gin'))


def find_file(name_or_path: str) -> pathlib.Path:
    """Returns the absolute path of a gin file given by path or by its name in `gin/`.

    Raises:
      UserError: there is no such file; the message lists the known names.
    """
    path = pathlib.Path(name_or_path).expanduser()
    folder = gin_folder()
    for candidate in (path, folder / name_or_path, folder / (name_or_path + '.gin')):
        if candidate.is_file():
            return candidate.resolve()
    raise UserError('no gin file {!r}: give a path, or one of the names {}'.format(
        name_or_path, ', '.join(known_names())))


def files_of_run(robot: str, gin_files: Sequence[str],
                 agent: str = catalog.DREAMER) -> List[pathlib.Path]:
    """Returns the files of a run in the order in which they are read.

    Args:
      robot: name of the robot; its own file is read when there is one, and behind a preset
        what the preset means for this robot, `<preset>_<robot>.gin`, when there is one.
      gin_files: names or paths, in the order of the command line.
      agent: name of the agent; that of a baseline is read like a preset, before the others.

    Raises:
      UserError: a file is missing.
      RobotError: there is no such robot.
    """
    folder = gin_folder()
    files = [folder / BASE_FILE]
    own = registry.get(robot).gin_file
    if own:
        files.append(find_file(own))
    elif (folder / (robot + '.gin')).is_file():
        files.append(folder / (robot + '.gin'))
    for name in gin_files if agent == catalog.DREAMER else (agent, *gin_files):
        preset = find_file(name)
        for_robot = folder / '{}_{}.gin'.format(preset.stem, robot)
        files.append(preset)
        if preset.parent == folder and for_robot.is_file():
            files.append(for_robot)
    return files


class Settings(NamedTuple):
    """Where the settings of a run came from.

    Attributes:
      files: the files in reading order.
      bindings: lines that were given beside the files.
      own_names: what the bindings, and files outside of our folder, set (`Class.parameter`).
    """

    files: Tuple[str, ...]
    bindings: Tuple[str, ...]
    own_names: Tuple[str, ...]


def load(files: Sequence[os.PathLike], bindings: Sequence[str] = ()) -> Settings:
    """Reads gin files and bindings strictly, replacing whatever gin held before.

    The modules that define the configurables must have been imported. `include 'x.gin'` finds
    the files of `gin/` from any working directory.

    Args:
      files: absolute paths in reading order.
      bindings: lines such as `Trainer.env_steps = 2000`; they win over the files.

    Returns:
      What was read.

    Raises:
      UserError: gin-config is not installed, a line cannot be parsed, or it names an unknown
        configurable or parameter.
    """
    check_gin()
    gin.clear_config()
    _search(gin_folder())
    for path in files:
        _parse(lambda path=path: gin.parse_config_file(str(path)), str(path))
    for binding in bindings:
        _parse(lambda binding=binding: gin.parse_config(binding),
               '--gin_bindings={!r}'.format(binding))
    _parse(gin.finalize, 'the gin files')
    own = list(bindings)
    for path in files:
        if pathlib.Path(path).parent != gin_folder():
            own.append(pathlib.Path(path).read_text(encoding='utf-8'))
    names = [name for text in own for name in _bound_names(text)]
    return Settings(tuple(map(str, files)), tuple(bindings), tuple(names))


def check_gin() -> None:
    """Raises UserError when `import gin` found a plain folder instead of gin-config."""
    if not hasattr(gin, 'parse_config_file'):
        raise UserError('gin-config is not installed (a folder named gin was imported instead): '
                        'pip install gin-config==0.5.0')


def unused_bindings(names: Sequence[str]) -> List[str]:
    """Returns those of `names` (`Class.parameter`) that nothing has used so far.

    A setting is unused when its configurable was never called, or when the caller gave the
    value explicitly (explicit arguments beat gin). Our own files set more than one robot needs,
    so only what the user has set himself is worth asking for: `Settings.own_names`.
    """
    used = {_short(name) for name in _bound_names(gin.operative_config_str())}
    return [name for name in names if _short(name) not in used]


def package_of(name: str) -> str:
    """Returns the package whose class or function `name` (`Class.parameter`) sets; '' of a macro.

    Raises:
      ValueError: gin knows no such class or function; those that `load` has taken it knows.
    """
    selector = name.rpartition('/')[2].rpartition('.')[0]
    return gin.get_configurable(selector).__module__.partition('.')[0] if selector else ''


def save_operative(path: os.PathLike) -> None:
    """Writes the settings that were used, defaults included, to `path` in one step.

    Raises:
      OSError: the file cannot be written.
    """
    beside = '{}.tmp'.format(path)
    with open(beside, 'w', encoding='utf-8') as file:
        file.write(gin.operative_config_str())
    os.replace(beside, path)


def explain(error: Exception) -> str:
    """Returns the first line of an error, and for an error of gin where it was written.

    gin's messages have the shape `what is wrong` + `In file "x.gin", line 3` + the line itself,
    or `what is wrong` + `In call to configurable 'X'`.
    """
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    if not lines:
        return type(error).__name__
    text = lines[0].rstrip('.')
    # Keras layers take **kwargs, so gin lets any name pass and Keras refuses it.
    keras = re.match(r"\('Keyword argument not understood:', '(\w+)'\)", text)
    if keras:
        text = "there is no parameter named '{}'".format(keras.group(1))
    place = next((line for line in lines[1:] if line.startswith('In ')), '')
    if not place:
        return text
    if place.startswith('In call'):
        place = re.sub(r' \(<.*', '', place)
        return '{} ({})'.format(text, place[0].lower() + place[1:])
    source = lines[lines.index(place) + 1:]
    place = place[0].lower() + place[1:].replace('"', '')
    return '{} ({}{})'.format(text, place, ': ' + source[0] if source else '')


def is_gin_error(error: Exception) -> bool:
    """Tells whether an error was raised while gin called a configurable."""
    return 'In call to configurable' in str(error)


def _parse(parse, source: str) -> None:
    before = logging.root.manager.disable
    logging.disable(logging.ERROR)  # gin logs an error for each place where an include is not
    try:
        parse()
    except (ValueError, TypeError, SyntaxError, ImportError, OSError, RuntimeError) as error:
        text = explain(error)
        if 'bindings string' in text or ' in file ' not in text:
            text = re.sub(r' \(in bindings string.*', '', text)
            text = '{} (in {})'.format(text, source)
        raise UserError('wrong setting: {}'.format(text)) from error
    finally:
        logging.disable(before)


def _search(folder: pathlib.Path) -> None:
    # gin keeps its search paths for the life of the process and offers no way to read them.
    prefixes = gin.config._LOCATION_PREFIXES
    if str(folder) not in prefixes:
        gin.add_config_file_search_path(str(folder))


def _bound_names(text: str) -> List[str]:
    return re.findall(r'^\s*([\w./]+)\s*=', text, flags=re.MULTILINE)


def _short(name: str) -> str:
    # gin prints the shortest name that is unique; people may write the module before it.
    scope, _, selector = name.rpartition('/')
    return scope + '/' + '.'.join(selector.split('.')[-2:])
