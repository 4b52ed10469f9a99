"""Ctrl-C and SIGTERM as a wish to stop, looked at between two steps."""
from __future__ import annotations

import os
import signal
from typing import Optional

STOPPED = (128 + signal.SIGINT, 128 + signal.SIGTERM)  # exit codes of who was stopped and has saved


class StopSignal:
    """Context in which the first SIGINT or SIGTERM is remembered instead of raised.

    The second one raises KeyboardInterrupt, so that a hanging step can be left; whoever holds a
    robot still closes it on the way out. `ask` is a wish too, but no signal: after it the first
    signal is still the first. Outside the main thread (tests, notebooks) signals cannot be caught
    and the context does nothing.
    """

    def __init__(self):
        """Makes the context; nothing is caught before it is entered."""
        self._number: Optional[int] = None  # of the first wish
        self._signalled = False
        self._before = {}

    def __enter__(self) -> 'StopSignal':
        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                self._before[number] = signal.signal(number, self._remember)
            except ValueError:  # not the main thread
                break
        return self

    def __exit__(self, *unused) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()

    def __bool__(self) -> bool:
        """Tells whether somebody asked to stop."""
        return self._number is not None

    @property
    def exit_code(self) -> int:
        """128 + the number of the first signal, as shells count it: 130 or 143; 0 without a wish.

        Who asked before any signal came counts as a SIGTERM.
        """
        return 0 if self._number is None else 128 + self._number

    def ask(self) -> None:
        """Asks to stop as the first SIGTERM does; nothing when somebody has asked before.

        For threads of this process, which may ask again without leaving at once. Nor does the
        first signal after it: who sends that (a launcher) need not know of the wish.
        """
        if self._number is None:
            self._note(signal.SIGTERM, b'Ctrl-C twice')

    def _remember(self, number: int, frame) -> None:
        if self._signalled:
            raise KeyboardInterrupt
        self._signalled = True
        self._note(number, b'once more')

    def _note(self, number: int, leaves: bytes) -> None:
        if self._number is None:
            self._number = number
        # Not sys.stderr: the signal may come in the middle of one of its writes, which then raises.
        os.write(2, b'\ndreamer_tf: stopping after this step and saving (%s leaves at once)\n'
                 % leaves)
