"""Stands between an environment and its robot."""

from __future__ import annotations

import json
import socket
from typing import Any, Dict, Optional

from robot_envs.clock import Clock
from robot_envs.guardian.fault import Fault
from robot_envs.guardian.guarded_robot import GuardedRobot
from robot_envs.guardian.times import GuardianTimes

WAITING, DAMPED, MOVING, HOLDING, FAULT = 'waiting', 'damped', 'moving', 'holding', 'fault'
_COUNTS = ('commands', 'vetoes', 'overruns', 'faults', 'recoveries', 'holds', 'late_cycles')
_FAREWELL_SECONDS = 0.1
_LATE_PERIODS = 5
_MESSAGE_BYTES = 65536


class Guardian:
    """Drives the robot for one client, and brings it to its safe state when anything is wrong.

    States: 'waiting' until the robot has answered; 'damped' until a command comes; 'moving' until
    the command's time is over; 'holding' until the next one; 'fault', which stays. In all but
    moving and holding the robot is told to be in its safe state, in every period.

    The client sends JSON objects over a SOCK_SEQPACKET socket: {'do': 'beat'} as its heartbeat, and
    'status', 'command' (with 'values' and 'seconds'), 'stop', 'fault' (what the client has found:
    'name', 'text', 'person'), 'recover' and 'close', each with an 'id', which are answered, a
    command when it is over. Answers have 'id', 'error' (None or one
    line), 'state', 'fault' (its name), 'text', 'person', 'reading' and 'counts'.
    """

    def __init__(
        self,
        robot: GuardedRobot,
        times: GuardianTimes,
        client: socket.socket,
        clock: Optional[Clock] = None,
    ):
        """Does not move anything yet; takes over robot and client."""
        self._robot = robot
        self._times = times
        self._client = client
        self._clock = clock or Clock()
        self._state = WAITING
        self._fault: Optional[Fault] = None
        self._counts = dict.fromkeys(_COUNTS, 0)
        self._beat = self._clock.now()
        self._unwell = self._beat  # When something was wrong last.
        self._begin = self._end = self._beat
        self._pending: Optional[int] = None  # The number of the command under way.
        self._is_late = False
        self._gone = False
        self._closing: Optional[float] = None
        client.setblocking(False)

    def run(self) -> None:
        """Returns when the client is gone and the robot has been told to be in its safe state."""
        period = self._robot.period_seconds
        due = self._clock.now()
        try:
            while not self._is_over(self._clock.now()):
                self.cycle()
                due += period
                late = self._clock.now() - due
                if late > _LATE_PERIODS * period:
                    self._counts['late_cycles'] += 1
                    due = self._clock.now()
                self._clock.sleep(-late)
        finally:
            self._robot.damp()
            self._robot.close()
            self._client.close()

    def close(self) -> None:
        """Ends `run` after some more periods in the safe state."""
        self._finish('the guardian was ended')
        if self._closing is None:
            self._closing = self._clock.now()
        self._state = FAULT if self._fault else DAMPED

    def cycle(self) -> None:
        """Does what is due in one period: listens, judges, acts."""
        now = self._clock.now()
        wrong = self._robot.receive(now)
        if wrong is not None:
            self._unwell = now
        if self._state == WAITING and self._robot.is_heard:
            self._state = DAMPED
        if wrong is not None and self._robot.is_heard:
            self._latch(wrong)
        self._listen(now)
        self._watch(now)
        self._act(now)

    def _listen(self, now: float) -> None:
        while not self._gone:
            try:
                data = self._client.recv(_MESSAGE_BYTES)
            except BlockingIOError:
                return
            except OSError:
                data = b''
            if not data:
                self._gone = True
                return
            self._beat = now
            message = json.loads(data)
            if message['do'] != 'beat':
                self._handle(message, now)

    def _handle(self, message: Dict[str, Any], now: float) -> None:
        what = message['do']
        error = None
        if what == 'command':
            error = self._command(message, now)
            if error is None:
                return  # Answered when it is over.
        elif what == 'recover':
            error = self._recover(now)
        elif what == 'fault':
            self._unwell = now
            self._latch(Fault(message['name'], message['text'], message['person']))
        elif what in ('stop', 'close'):
            self._finish('stopped')
            self._state = DAMPED if self._state in (MOVING, HOLDING) else self._state
            self._closing = now if what == 'close' else self._closing
        self._answer(message['id'], error)

    def _command(self, message: Dict[str, Any], now: float) -> Optional[str]:
        """Begins a command; returns why not, or None."""
        if self._state == FAULT:
            return self._fault.text
        if self._state == WAITING or self._closing is not None or self._pending is not None:
            self._counts['vetoes'] += 1
            return 'not ready for a command'
        seconds = message['seconds']
        try:
            seconds = self._robot.begin(
                message['values'], seconds, go_on=self._state == HOLDING) or seconds
        except ValueError as veto:
            self._counts['vetoes'] += 1
            return str(veto)
        late = now - self._end
        # What the policy took is part of the step: the robot keeps its rate. More is an overrun.
        on_time = self._state == HOLDING and late <= seconds / 2
        self._counts['overruns'] += self._state == HOLDING and not on_time
        self._counts['commands'] += 1
        self._begin, self._end = now, (self._end if on_time else now) + seconds
        self._state, self._pending = MOVING, message['id']
        return None

    def _recover(self, now: float) -> Optional[str]:
        """Ends a fault if a program may; returns why not, or None."""
        if self._state != FAULT:
            return None
        if self._fault.person:
            return f'{self._fault.text}; only a person may go on: look at the robot, start again'
        if self._counts['recoveries'] >= self._times.recoveries:
            return (f'{self._fault.text}; recovered {self._times.recoveries} times already: only '
                    'a person may go on')
        self._robot.recover()
        if now - self._unwell < self._times.calm_seconds:
            return self._fault.text
        self._counts['recoveries'] += 1
        self._fault, self._state = None, DAMPED
        return None

    def _watch(self, now: float) -> None:
        """Judges the client, and the time."""
        silent = now - self._beat
        active = self._state in (MOVING, HOLDING)
        is_late = active and (self._gone or silent > self._times.hold_seconds)
        self._counts['holds'] += is_late and not self._is_late
        self._is_late = is_late
        if active and silent > self._times.damp_seconds:
            self._latch(Fault('lost_client', f'no heartbeat for {silent:.2f} s'))
        if self._state == MOVING and now >= self._end:
            self._state = HOLDING
            self._finish(None)
        if self._state == HOLDING and now - self._end > self._times.idle_seconds:
            self._state = DAMPED

    def _act(self, now: float) -> None:
        if self._state == MOVING and not self._is_late:
            self._robot.move(min(1.0, (now - self._begin) / (self._end - self._begin)))
        elif self._state in (MOVING, HOLDING):
            self._robot.hold()
        else:
            self._robot.damp()

    def _latch(self, fault: Fault) -> None:
        """Keeps the first fault, or one for a person."""
        if self._fault is None:
            self._counts['faults'] += 1
        if self._fault is None or (fault.person and not self._fault.person):
            self._fault = fault
        self._state = FAULT
        self._finish(self._fault.text)

    def _finish(self, error: Optional[str]) -> None:
        if self._pending is not None:
            self._answer(self._pending, error)
            self._pending = None

    def _answer(self, number: int, error: Optional[str]) -> None:
        now = self._clock.now()
        answer = {
            'id': number,
            'error': error,
            'state': self._state,
            'fault': self._fault and self._fault.name,
            'text': self._fault and self._fault.text,
            'person': bool(self._fault and self._fault.person),
            'reading': self._robot.reading(now) if self._robot.is_heard else None,
            'counts': {**self._counts, **self._robot.counts},
        }
        try:
            self._client.send(json.dumps(answer).encode())
        except OSError:
            self._gone = True

    def _is_over(self, now: float) -> bool:
        if self._closing is not None:
            return now - self._closing > _FAREWELL_SECONDS
        lost = self._gone and now - self._beat > self._times.damp_seconds + _FAREWELL_SECONDS
        return lost and self._state not in (MOVING, HOLDING)
