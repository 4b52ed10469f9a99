"""Keeps the weights of a policy those of the learner, from a thread of its own."""

from __future__ import annotations

import threading
from typing import Any, Callable, Mapping, Sequence

import numpy as np
import reverb
import tensorflow as tf

from dreamer_tf.errors import ServerGone, UserError
from dreamer_tf.roles.bulletin import BulletinReader
from dreamer_tf.roles.link import Link
from dreamer_tf.roles.weights_server import RUN_BULLETIN, VERSION, WEIGHTS_TABLE, weights_signature
from robot_envs.clock import Clock


class WeightsSubscriber:
    """Asks the weights server now and then and takes over what is newer.

    The transfer needs no lock; only the copy into the variables does, one millisecond for a
    million numbers. It waits for a moment when the policy has just acted, so that the control
    loop does not wait for it.

    Attributes:
      lock: whoever uses the variables holds it meanwhile.
      version: updates that made the weights; -1 before the first ones.
      run: what the learner says about the run, or None.
    """

    def __init__(
        self,
        link: Link,
        variables: Sequence[tf.Variable],
        *,
        expected_run: Mapping[str, Any],
        period_seconds: float = 0.5,
        clock: Clock | None = None,
    ):
        """Starts the thread.

        Args:
          link: to the weights server.
          variables: in the learner's order.
          expected_run: what the learner's run must say of itself, e.g. robot and sizes.
          period_seconds: time between two questions.
          clock: the machine's own if None.
        """
        self._link = link
        self._variables = list(variables)
        self._signature = weights_signature(variables)
        self._expected = dict(expected_run)
        self._period = period_seconds
        self._clock = Clock() if clock is None else clock
        self._board = BulletinReader(link, RUN_BULLETIN)
        self._seen: tuple[int, int] | None = None
        self._confirmed: float | None = None
        self._error: Exception | None = None
        self._closed = threading.Event()
        self._acted = threading.Event()
        self._acted.set()
        self.lock = threading.Lock()
        self.version = -1
        self.run: Mapping[str, Any] | None = None
        self._thread = threading.Thread(target=self._work, daemon=True, name="weights")
        self._thread.start()

    def age_seconds(self) -> float:
        """Seconds since the weights were last known to be the newest; infinite without any."""
        return float("inf") if self._confirmed is None else self._clock.now() - self._confirmed

    def acting(self, function: Callable[[], Any]) -> Any:
        """Calls a function that uses the variables, while they cannot change."""
        self._acted.clear()
        try:
            with self.lock:
                return function()
        finally:
            self._acted.set()

    def check(self) -> None:
        """Raises what the thread has ended of.

        Raises:
          UserError: a run of another robot or of other sizes.
          Exception: whatever else it was.
        """
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        """Ends the thread."""
        self._closed.set()
        self._thread.join(1.0)

    def _work(self) -> None:
        while not self._closed.wait(self._period):
            try:
                if self._link.up():
                    self._look()
            except ServerGone:
                continue
            except Exception as error:  # whatever it is, it is the caller's: `check` raises it
                self._error = error
                return

    def _look(self) -> None:
        run = self._board.read()
        if run is None:
            return
        self._refuse_other(run)
        self.run = run
        info = self._link.info()[WEIGHTS_TABLE]
        published = (self._link.times_connected, info.rate_limiter_info.insert_stats.completed)
        if info.current_size and published != self._seen:
            self._take(self._link.ask(self._fetch, 30.0))
            self._seen = published
        if self._seen is not None:
            self._confirmed = self._clock.now()

    def _fetch(self, client: reverb.Client) -> dict[str, np.ndarray]:
        sample = next(
            client.sample(
                WEIGHTS_TABLE, 1, emit_timesteps=False, unpack_as_table_signature=True
            )
        )
        return sample.data

    def _take(self, values: dict[str, np.ndarray]) -> None:
        version = int(values[VERSION])
        # A learner that has resumed from its checkpoint is behind for a while.
        if version <= self.version:
            return
        # Into the policy's memory at a moment when it has just acted.
        tensors = [tf.constant(values[key]) for key in self._signature if key != VERSION]
        self._acted.wait(1.0)
        with self.lock:
            for variable, value in zip(self._variables, tensors):
                variable.assign(value)
            self.version = version

    def _refuse_other(self, run: Mapping[str, Any]) -> None:
        for key, wanted in self._expected.items():
            if run.get(key) != wanted:
                raise UserError(
                    f"the learner at {self._link.address} trains with {key}={run.get(key)}, not "
                    f"{wanted}: start this role with the learner's --robot and gin files"
                )
