"""The keyboard and the screen of a console."""

from __future__ import annotations

import contextlib
import os
import select
import sys
import termios
import tty
from typing import IO, Iterator, Sequence


class Terminal:
    """Reads single keys and redraws some lines in place. Works over ssh; needs no curses."""

    def __init__(self, keyboard: IO[str] | None = None, screen: IO[str] | None = None):
        """Uses standard input and output where nothing else is given."""
        self._keyboard = sys.stdin if keyboard is None else keyboard
        self._screen = sys.stdout if screen is None else screen
        self._drawn = 0

    @property
    def is_interactive(self) -> bool:
        """Whether a person types here; else commands come as lines, from a file or a pipe."""
        return self._keyboard.isatty() and self._screen.isatty()

    @contextlib.contextmanager
    def keys(self) -> Iterator[None]:
        """Within it keys come one by one, without echo; behind it the terminal is as before."""
        number = self._keyboard.fileno()
        before = termios.tcgetattr(number)
        try:
            tty.setcbreak(number)
            yield
        finally:
            termios.tcsetattr(number, termios.TCSADRAIN, before)

    def key(self, seconds: float) -> str | None:
        """The next key, None when none came within the time, '' when the terminal is gone."""
        number = self._keyboard.fileno()
        if not select.select([number], [], [], seconds)[0]:
            return None
        return os.read(number, 1).decode(errors="replace")

    def line(self, prompt: str) -> str:
        """A line of text, typed with echo; to be called within `keys`."""
        number = self._keyboard.fileno()
        before = termios.tcgetattr(number)
        wanted = termios.tcgetattr(number)
        wanted[3] |= termios.ICANON | termios.ECHO
        termios.tcsetattr(number, termios.TCSADRAIN, wanted)
        try:
            self._screen.write(prompt)
            self._screen.flush()
            data = os.read(number, 4096).decode(errors="replace")
        finally:
            termios.tcsetattr(number, termios.TCSADRAIN, before)
        self._drawn += 1
        return data.strip()

    def draw(self, lines: Sequence[str]) -> None:
        """Replaces what was drawn last by these lines, cut to the terminal's width."""
        width = os.get_terminal_size(self._screen.fileno()).columns or 80
        up = f"\x1b[{self._drawn}A" if self._drawn else ""
        text = "".join(f"\r{line[:width - 1]}\x1b[K\n" for line in lines)
        self._screen.write(f"{up}{text}\x1b[J")
        self._screen.flush()
        self._drawn = len(lines)
