"""Trains on a fake batch until its standard input is closed; `policy_latency` starts it."""

from __future__ import annotations

import itertools
import json
import sys
import threading
import time

import numpy as np

from benchmarks.agents import make_setup
from dreamer_tf.learner import Learner


def main(robot: str, preset: str) -> None:
    """Says `ready` after the first updates, and at the end one object of JSON.

    Args:
      robot: name in the registry.
      preset: name in `presets.PRESETS`.
    """
    setup = make_setup(robot, preset, "dynamics")
    learner = Learner(setup.agent, itertools.repeat(setup.batch))
    for _ in range(2):
        learner.update()
    ended = threading.Event()

    def wait_for_the_end():
        sys.stdin.read()
        ended.set()

    threading.Thread(target=wait_for_the_end, daemon=True).start()
    print("ready", flush=True)
    seconds = []
    while not ended.is_set():
        began = time.perf_counter()
        learner.update()
        seconds.append(time.perf_counter() - began)
    print(json.dumps({"learner_update_s": float(np.median(seconds))} if seconds else {}))


if __name__ == "__main__":
    main(*sys.argv[1:])
