"""Flags and one-line errors, the same for every program of the robots."""

from __future__ import annotations

import argparse
import importlib.util
import json
import socket
import sys
from typing import Any, Dict, NoReturn


class CommandLine(argparse.ArgumentParser):
    """`argparse.ArgumentParser` whose errors are one line, as `<name>: error: <what is wrong>`."""

    def __init__(self, name: str, **keywords: Any):
        """Makes an empty command line.

        Args:
            name: what the error lines begin with.
            **keywords: of `argparse.ArgumentParser`.
        """
        super().__init__(**keywords)
        self._name = name

    def add_child_flags(self, parent: str) -> None:
        """Adds the flags with which a process of ours starts another one.

        `module` is a name, `socket` is open to the parent, `settings` is a dict.

        Args:
            parent: who starts it, for the help.
        """
        self.add_argument('--module', type=_module, required=True, help='what makes its robot')
        self.add_argument('--fd', type=_socket, required=True, dest='socket',
                          help=f'number of the socket to the {parent}')
        self.add_argument('--settings', type=_settings, required=True, help='a JSON object')

    def error(self, message: str) -> NoReturn:
        """Tells what is wrong with the flags, in one line, and exits with 2."""
        self.exit(2, f'{self._name}: error: {_line(message)} (--help lists the flags)\n')

    def fail(self, error: object) -> int:
        """Tells in one line why the program cannot go on; returns 1, its exit code."""
        print(f'{self._name}: error: {_line(error)}', file=sys.stderr)
        return 1


def _line(text: object) -> str:
    # gin adds where it was calling from in lines of their own.
    return str(text).strip().partition('\n')[0]


def _module(name: str) -> str:
    try:
        found = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        found = None
    if found is None:
        raise argparse.ArgumentTypeError(f'there is no module {name!r}')
    return name


def _socket(number: str) -> socket.socket:
    try:
        return socket.socket(fileno=int(number))
    except (OSError, ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f'{number!r} is not the number of an open socket: this '
                                         'program is started by others') from None


def _settings(text: str) -> Dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise argparse.ArgumentTypeError(f'{text!r} is not a JSON object')
    return value
