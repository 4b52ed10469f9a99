"""Calls that may block for ever, with an end."""

from __future__ import annotations

import queue
import threading
from typing import Any, Callable

from dreamer_tf.errors import ServerGone


def bounded(function: Callable[[], Any], seconds: float) -> Any:
    """What `function()` returns or raises, or ServerGone after `seconds`.

    Reverb's calls do not raise when a server dies. One that has not returned in time is left
    behind in a daemon thread; it ends when the server is back or the process ends.
    """
    outcome: queue.Queue = queue.Queue()

    def run():
        try:
            outcome.put((function(), None))
        except Exception as error:  # raised again below, in the caller's thread
            outcome.put((None, error))

    threading.Thread(target=run, daemon=True).start()
    try:
        result, error = outcome.get(timeout=seconds)
    except queue.Empty:
        raise ServerGone(f"no answer within {seconds:g} s") from None
    if error is not None:
        raise error
    return result
