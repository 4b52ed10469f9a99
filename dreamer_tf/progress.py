"""One line that tells how far the training is."""
from __future__ import annotations

import sys
import time
from typing import Callable, Optional

import tqdm


class Progress:
    """Steps, updates, both rates, the return of the last episodes, and the time left.

    A terminal gets one line that is rewritten in place; a file or pipe gets a plain line now and
    then. Rates are over the time since the last plain line, or over the last ten seconds.
    """

    def __init__(self, total: int, *, total_updates: int, start: int = 0, updates: int = 0,
                 plain_every: float = 10.0, stream=None,
                 clock: Callable[[], float] = time.monotonic):
        """Starts the line.

        Args:
          total: environment steps of the whole run.
          total_updates: learner updates of the whole run, about; for the time left.
          start: environment steps that are already done.
          updates: learner updates that are already done.
          plain_every: seconds between two plain lines.
          stream: where to write; stderr by default.
          clock: gives seconds; tests give their own.
        """
        self._stream = sys.stderr if stream is None else stream
        self._clock = clock
        self._every = plain_every
        self._total, self._total_updates = total, total_updates
        self._steps = start
        self._mark = (clock(), start, updates)
        self._rates = (0.0, 0.0)
        self._bar: Optional[tqdm.tqdm] = None
        if self._stream.isatty():
            self._bar = tqdm.tqdm(total=total, initial=start, unit='step', file=self._stream,
                                  dynamic_ncols=True, mininterval=0.5,
                                  bar_format='{percentage:3.0f}%|{bar}| {desc}')

    def update(self, steps: int, updates: int, value: Optional[float]) -> None:
        """Shows the state; cheap when nothing is due.

        Args:
          steps: environment steps so far.
          updates: learner updates so far.
          value: return of the last episodes, None before the first one ends.
        """
        now = self._clock()
        since, steps_then, updates_then = self._mark
        due = now - since >= self._every
        if due:
            seconds = now - since
            self._rates = ((steps - steps_then) / seconds, (updates - updates_then) / seconds)
            self._mark = (now, steps, updates)
        if self._bar is not None:
            self._bar.set_description_str(self._text(steps, updates, value), refresh=False)
            self._bar.update(steps - self._steps)
        elif due:
            self.say(self._text(steps, updates, value))
        self._steps = steps

    def say(self, text: str) -> None:
        """Writes a line of its own without breaking the progress line."""
        if self._bar is not None:
            self._bar.write(text, file=self._stream)
        else:
            self._stream.write(text + '\n')
            self._stream.flush()

    def close(self) -> None:
        """Leaves the last state on the screen."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _text(self, steps: int, updates: int, value: Optional[float]) -> str:
        step_rate, update_rate = self._rates
        shown = '-' if value is None else '{:.2f}'.format(value)
        return ('step {:,}/{:,} | update {:,} | {:.1f} steps/s {:.1f} updates/s | return {} | '
                'left {}'.format(steps, self._total, updates, step_rate, update_rate, shown,
                                 self._left(steps, updates)))

    def _left(self, steps: int, updates: int) -> str:
        step_rate, update_rate = self._rates
        if update_rate:  # updates take nearly all of the time, steps come in bursts
            return _duration((self._total_updates - updates) / update_rate)
        return _duration((self._total - steps) / step_rate) if step_rate else '-'


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(int(max(0.0, seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return '{}:{:02d}:{:02d}'.format(hours, minutes, seconds)
