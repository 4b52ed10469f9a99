"""Which role tells of a setting that nothing uses."""

import pytest

from dreamer_tf import config
from dreamer_tf.roles.actor_role import ActorRole
from dreamer_tf.roles.learner_role import LearnerRole
from dreamer_tf.run_folder import RunFolder
from robot_envs import registry
from robot_envs.dry_run import DryRun
from robot_envs.ur5.limits import UR5Limits

BINDINGS = (
    "SPEED = 0.05",
    "UR5Limits.speed_meters_per_second = %SPEED",
    "robot_envs.ur5.connection.UR5Connection.address = '10.0.0.2'",
    "DryRun.on = True",
    "ActorRole.rate_hz = 5",
    "dreamer_tf.roles.actor_role.ActorRole.queue_steps = 500",
    "RSSM.deter = 8",
)


@pytest.fixture
def roles(tmp_path):
    """Learner and actor of a UR5, with all settings as the launcher gives them to every role."""
    registry.get("ur5").factory("hardware")
    settings = config.load([config.find_file("debug")], BINDINGS)
    addresses = {"replay_address": "localhost:1", "weights_address": "localhost:2"}
    return [role("ur5", RunFolder(str(tmp_path)), settings, seed=0, **addresses)
            for role in (LearnerRole, ActorRole)]


def test_the_learner_judges_what_is_of_the_agent_alone(roles):
    assert roles[0].unused_settings() == ["RSSM.deter"]


def test_the_actor_judges_what_is_of_its_robot(roles):
    UR5Limits()
    assert roles[1].unused_settings() == [
        "robot_envs.ur5.connection.UR5Connection.address", "DryRun.on"]
    DryRun()
    assert roles[1].unused_settings() == ["robot_envs.ur5.connection.UR5Connection.address"]
