"""Where episodes begin and end."""

from __future__ import annotations

from typing import Callable, List

from tf_agents.environments import py_environment
from tf_agents.trajectories import time_step as ts

from robot_envs.checks.finding import Finding, reason
from robot_envs.checks.recording import Recording, close_quietly, make_actions, record

_SHORT = 5
_NAMES = {0: "FIRST", 1: "MID", 2: "LAST"}


def check_length(recording: Recording, episode_steps: int) -> List[Finding]:
    """Finds an episode that is longer than the registry says, or that ends without LAST."""
    findings = []
    episodes = recording.episodes()
    for episode in episodes:
        if len(episode) - 1 > episode_steps:
            findings.append(Finding("episodes", f"no LAST step after episode_steps={episode_steps}"
                                                ": wrap the environment in TimeLimit"))
            break
    for episode in episodes[:-1]:
        if episode[-1].step.step_type != ts.StepType.LAST:
            findings.append(Finding("episodes", "a FIRST step came without a LAST one before it"))
            break
    return findings


def check_short_episodes(
    make: Callable[..., py_environment.PyEnvironment], options: List[str]
) -> List[Finding]:
    """Plays episodes of five steps on a twin of its own, and leaves one in the middle."""
    if "episode_steps" not in options:
        return [Finding("episodes", "the factory takes no episode_steps=")]
    env = make(episode_steps=_SHORT)
    try:
        return _play(env)
    except Exception as error:  # Whatever a builder's environment raises is a finding.
        return [Finding("episodes", f"episodes of {_SHORT} steps ended with {reason(error)}")]
    finally:
        close_quietly(env)


def _play(env: py_environment.PyEnvironment) -> List[Finding]:
    findings = []
    actions = make_actions(env.action_spec(), _SHORT, seed=0, extremes=False)
    kind = _kind(env.step(actions[0]))
    if kind != "FIRST":
        findings.append(Finding("reset", f"a step before the first reset must reset, found {kind}"))
    for index in range(2):
        records = record(env, actions).records
        kinds = [_NAMES[int(r.step.step_type)] for r in records]
        last = records[-1].step
        early = "LAST" in kinds[:-1]  # It may fail for good before its time is over.
        if not early and kinds[-1] != "LAST":
            findings.append(Finding("episodes", f"episode_steps={_SHORT} gave {' '.join(kinds)}"))
            break
        if kinds[0] != "FIRST":
            findings.append(Finding("reset", f"reset() must give a FIRST step, found {kinds[0]}"))
        if not early and index == 0:
            if float(last.discount) != 1:
                findings.append(Finding("episodes", "the time limit ends with discount "
                                        f"{float(last.discount):g}: that says that nothing comes "
                                        "after; leave it at 1"))
            kind = _kind(env.step(actions[0]))
            if kind != "FIRST":
                findings.append(Finding("reset", f"a step after LAST must reset, found {kind}"))
    env.reset()
    env.step(actions[0])
    kind = _kind(env.reset())
    if kind != "FIRST":
        findings.append(Finding("reset", f"reset() in an episode must give FIRST, found {kind}"))
    return list(dict.fromkeys(findings))


def _kind(step: ts.TimeStep) -> str:
    return _NAMES[int(step.step_type)]
