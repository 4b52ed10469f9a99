"""What gin files say, read without the classes that they are about."""
from __future__ import annotations

import pathlib
from typing import Any, Dict, Iterable

from gin import config_parser

from dreamer_tf import config
from dreamer_tf.errors import UserError


class _Names(config_parser.ParserDelegate):
    """Leaves references to classes and macros as the text that they are."""

    def configurable_reference(self, scoped_configurable_name: str, evaluate: bool) -> str:
        return '@' + scoped_configurable_name + ('()' if evaluate else '')

    def macro(self, macro_name: str) -> str:
        return '%' + macro_name


def of_files(paths: Iterable[pathlib.Path]) -> Dict[str, Any]:
    """Returns {`Class.parameter`: value} of gin files, later ones win.

    Raises:
      UserError: a file, or one that it includes, cannot be read or is not gin.
    """
    values: Dict[str, Any] = {}
    for path in paths:
        try:
            values.update(of_text(path.read_text(encoding='utf-8')))
        except (OSError, SyntaxError, UnicodeDecodeError) as error:
            raise UserError('cannot read {} ({})'.format(path, error)) from error
    return values


def of_text(text: str) -> Dict[str, Any]:
    """Returns {`Class.parameter`: value} of lines of gin, without what stands before a class.

    gin writes the shortest name that is unique, and people may write the module before it.

    Raises:
      UserError: a file that it includes cannot be read or is not gin.
      SyntaxError: it is not gin.
    """
    values: Dict[str, Any] = {}
    for statement in config_parser.ConfigParser(text, _Names()):
        if isinstance(statement, config_parser.IncludeStatement):
            values.update(of_files([config.find_file(statement.filename)]))
        elif isinstance(statement, config_parser.BindingStatement):
            name = '.'.join(filter(None, (statement.selector.split('.')[-1], statement.arg_name)))
            values['/'.join(filter(None, (statement.scope, name)))] = statement.value
    return values
