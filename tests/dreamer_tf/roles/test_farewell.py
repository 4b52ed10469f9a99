"""A run that is finished ends for those, too, who were not there when the learner said so."""

import time

import pytest
from role_process import RoleProcess
from test_weights import RUN, make_variables, subscribe, until  # noqa: F401  a fixture

from dreamer_tf.roles.addresses import free_port
from dreamer_tf.roles.farewell import Farewell
from dreamer_tf.roles.weights_server import WeightsServer

SILENT_SECONDS = 1.5
STEPS = 200


def test_a_learner_that_answers_is_waited_for(subscribe):  # noqa: F811
    server = WeightsServer(make_variables(1))
    server.post_run({**RUN, "finished": False})
    server.publish(1)
    weights = subscribe(server.address, make_variables(0))
    assert until(lambda: weights.version == 1)
    farewell = Farewell(weights, env_steps=100, silent_seconds=SILENT_SECONDS)
    time.sleep(2 * SILENT_SECONDS)
    assert not farewell.is_over(100)
    server.stop()
    gone = time.monotonic()
    assert until(lambda: farewell.is_over(100))
    assert time.monotonic() - gone > SILENT_SECONDS / 2
    assert not farewell.is_over(99)


def test_a_learner_that_says_so_ends_it_at_once(subscribe):  # noqa: F811
    server = WeightsServer(make_variables(1))
    server.post_run({**RUN, "finished": True})
    server.publish(1)
    weights = subscribe(server.address, make_variables(0))
    assert until(lambda: Farewell(weights, env_steps=100).is_over(0))
    server.stop()


@pytest.mark.slow
def test_who_missed_the_farewell_ends_when_the_replay_has_all(tmp_path):
    """No learner at all, as after its end: the actor brings the last steps, and all end."""
    ports = free_port(), free_port()
    flags = f"--env_steps={STEPS}", "--gin_bindings=ActorRole.rate_hz = 10"
    roles = {role: RoleProcess(role, tmp_path, *ports, *flags).start()
             for role in ("replay", "evaluator", "actor")}
    roles["still"] = RoleProcess("actor", tmp_path, *ports, *flags, "--actor=1",
                                 "--gin_bindings=ActorRole.without_weights = 'stop'").start()
    try:
        for role in ("actor", "evaluator", "still"):
            assert roles[role].wait(240) == 0, roles[role].text[-3000:]
        assert "stopped: no weights" in roles["still"].text
        assert f"ends with {STEPS} steps in its log, 0 unsent" in roles["actor"].text
        assert roles["replay"].end() == 143
        assert f"saved at {STEPS} steps" in roles["replay"].text
    finally:
        for process in roles.values():
            if process.running():
                process.kill()
