"""Opens the console of a program that moves a robot."""

from __future__ import annotations

import contextlib
import pathlib
from typing import Callable

from dreamer_tf.console.console_server import ConsoleServer
from dreamer_tf.console.operator import Operator

MARKS = "marks.jsonl"


def open_console(
    stack: contextlib.ExitStack, folder: pathlib.Path, *, say: Callable[[str], None],
    stop: Callable[[], None],
) -> Operator:
    """Returns the operator whom consoles talk to until the stack ends.

    Args:
      stack: closes the console.
      folder: of the run or role, locked by this process.
      say: told in one line when the folder cannot have a console; the robot moves without one.
      stop: see `Operator`.
    """
    operator = Operator(folder / MARKS, stop=stop)
    try:
        server = ConsoleServer(folder, operator)
    except OSError as error:
        say(f"warning: no console for this run: {folder} cannot hold a socket ({error.strerror})")
        return operator
    stack.callback(server.close)
    return operator
