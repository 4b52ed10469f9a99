"""Real exports of untrained agents of debug size, made once a session."""
import functools
import pathlib
import tempfile
from typing import NamedTuple

from dreamer_tf import config
from dreamer_tf.factory import make_agent
from dreamer_tf.serving import exporter, recording
from dreamer_tf.trainer import Trainer  # noqa: F401  the gin files set it
from robot_envs import registry
from tiny_core import shake

ENV_STEPS = 120
RECORDED = 12


class Export(NamedTuple):
    """An export and what it was made of."""

    out: pathlib.Path
    agent: object
    recording: recording.Recording
    source: exporter.Source
    found: dict

    def version(self, kind="greedy") -> pathlib.Path:
        return self.out / kind / str(ENV_STEPS)


def debug_agent(robot, *bindings):
    """An agent whose weights are not those of the start, where many are zero."""
    registry.get(robot).factory()
    config.load(config.files_of_run(robot, ["debug"]), bindings)
    env = registry.make(robot, seed=0)
    agent = make_agent(env.time_step_spec(), env.action_spec(), seed=0)
    shake(agent.world_model, agent.behavior.actor, scale=0.3)
    seen = recording.record(env, RECORDED)
    env.close()
    return agent, seen


def source_of(robot, env_steps=ENV_STEPS):
    return exporter.Source(robot, registry.get(robot), env_steps, {"robot": robot, "seed": 0},
                           "RSSM.deter = 16\n")


@functools.lru_cache(maxsize=None)
def export(robot) -> Export:
    """Exports a robot's debug agent with everything; the folder lives as long as the process."""
    agent, seen = debug_agent(robot)
    out = pathlib.Path(_folder().name) / robot
    found = exporter.export_agent(agent, source_of(robot), out, seen)
    return Export(out, agent, seen, source_of(robot), found)


@functools.lru_cache(maxsize=None)
def _folder():
    return tempfile.TemporaryDirectory()
