"""Writes everything that others need of an agent, after a check, and all at once."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import pathlib
import shutil
from typing import Any, Dict, List, Mapping, NamedTuple

import tensorflow as tf

from dreamer_tf.agent import DreamerAgent
from dreamer_tf.errors import UserError
from dreamer_tf.serving import description, parity, tflite
from dreamer_tf.serving.policy_signatures import save_policy, state_specs
from dreamer_tf.serving.recording import Recording
from dreamer_tf.serving.world_model_signatures import save_world_model
from robot_envs.registry import RobotEntry

GREEDY, SAMPLING, WORLD_MODEL, TFLITE = "greedy", "sampling", "world_model", "tflite"
KINDS = (WORLD_MODEL, TFLITE, SAMPLING, GREEDY)
"""In the order in which they appear: who sees a new greedy policy finds the rest there."""
PREPROCESSING = {
    "pictures": "uint8 as the camera gives them; scaling to [0, 1] and centring are in the model",
    "vectors": "float32 in the robot's units; nothing is normalised",
    "is_first": "true at the first step of an episode; the state is then ignored",
    "state": "zeros before the first step, then what the step before returned",
    "action": "continuous: in [-1, 1], the robot's environment maps it to its units; "
    "discrete: a number from 0",
}


class Source(NamedTuple):
    """Where an agent comes from.

    Attributes:
      robot: as in `--robot`.
      entry: what is known about it.
      env_steps: environment steps of the checkpoint; the version's number.
      run: content of the run's `run.json`.
      settings: content of its `config.gin`.
    """

    robot: str
    entry: RobotEntry
    env_steps: int
    run: Mapping[str, Any]
    settings: str


def export_agent(
    agent: DreamerAgent,
    source: Source,
    out: os.PathLike,
    recording: Recording,
    *,
    with_tflite: bool = True,
) -> Dict[str, Any]:
    """Writes ``<out>/{greedy,sampling,world_model,tflite}/<environment steps>/``.

    All of it is written beside, loaded again, compared with the agent and then renamed.

    Args:
      agent: with the weights to be exported.
      source: where it comes from.
      out: is made if it is not there.
      recording: what the robot saw.
      with_tflite: False leaves the small runtime's files out.

    Returns:
      What the checks have found, as `policy.json` holds it under ``parity``.

    Raises:
      UserError: `out` holds something that does not fit, a policy acts differently, or it cannot
        be written.
    """
    out = pathlib.Path(out).expanduser().absolute()
    precision = agent.world_model.rssm.compute_dtype
    if with_tflite and precision != "float32":
        raise UserError(
            f"TFLite takes float32 policies and this one computes in {precision}: export with "
            "--tflite=false"
        )
    check_place(agent, source, out)
    beside = out / f".writing.{os.getpid()}"
    try:
        _sweep(out)
        beside.mkdir(parents=True)
        found = _write(agent, beside, recording, with_tflite)
        _describe(agent, source, beside, found)
        _publish(beside, out, source.env_steps)
    except (OSError, tf.errors.OpError) as error:
        reason = " ".join(str(error).split())[:200]
        raise UserError(f"could not write --out={out} ({reason})") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return found


def check_place(agent: DreamerAgent, source: Source, out: pathlib.Path) -> None:
    """Refuses a folder that holds this version, a newer one, or policies of another robot.

    Raises:
      UserError: see above.
    """
    for kind in KINDS:
        numbers = description.versions(out / kind)
        if not numbers:
            continue
        if source.env_steps in numbers:
            raise UserError(
                f"--out={out} has version {source.env_steps} already: remove it, train on, or "
                "choose another folder"
            )
        if numbers[-1] > source.env_steps:
            raise UserError(
                f"--out={out} has version {numbers[-1]}, newer than step {source.env_steps}: it is "
                "of another run; choose another folder"
            )
        _check_same_robot(agent, source, out / kind / str(numbers[-1]))


def _check_same_robot(agent, source: Source, version: pathlib.Path) -> None:
    there = description.read(version)
    if there["robot"]["name"] != source.robot:
        raise UserError(
            f"{version} is for {there['robot']['name']}, not {source.robot}: choose another --out"
        )
    ours = _specs(agent)
    for part in ("observation", "action"):
        if there[part] != ours[part]:
            raise UserError(
                f"{version} has another {part} ({there[part]}, now {ours[part]}): "
                "choose another --out"
            )


def _write(agent, beside: pathlib.Path, recording: Recording, with_tflite: bool) -> Dict[str, Any]:
    greedy, sampling, counter = agent.policy, agent.collect_policy, agent.train_step_counter
    save_policy(greedy, counter, beside / GREEDY)
    worst = parity.check_greedy(greedy, beside / GREEDY, recording)
    save_policy(sampling, counter, beside / SAMPLING)
    drawn = parity.check_sampling(sampling, beside / SAMPLING, recording)
    save_world_model(
        agent.world_model, agent.time_step_spec.observation, beside / WORLD_MODEL
    )
    found: Dict[str, Any] = {
        "recorded_steps": len(recording),
        "greedy_largest_difference": worst,
        "sampling_ks_distance": drawn.distance,
        "sampling_ks_bound": drawn.bound,
    }
    if with_tflite:
        found.update(_write_tflite(greedy, beside, recording))
    return found


def _write_tflite(greedy, beside: pathlib.Path, recording: Recording) -> Dict[str, Any]:
    (beside / TFLITE).mkdir()
    for kind in (GREEDY, SAMPLING):
        tflite.convert(beside / kind, beside / TFLITE, kind)
    found = {}
    for form, quantised in tflite.FORMS:
        path = beside / TFLITE / f"{GREEDY}_{form}.tflite"
        result = tflite.check(greedy, path, recording, exact=not quantised)
        found[f"tflite_{form}"] = result._asdict()
    return found


def _specs(agent: DreamerAgent) -> Dict[str, Any]:
    spec = description.spec_json
    observation = agent.time_step_spec.observation
    action = {**spec(agent.action_spec), "discrete": agent.num_discrete_actions is not None}
    return {
        "observation": {key: spec(observation[key]) for key in agent.policy.observation_keys},
        "action": action,
    }


def _describe(agent, source: Source, beside: pathlib.Path, found: Mapping[str, Any]) -> None:
    entry = source.entry
    common = {
        "robot": {
            "name": source.robot,
            "description": entry.description,
            "rate_hz": entry.rate_hz,
            "episode_steps": entry.episode_steps,
        },
        "env_steps": source.env_steps,
        "updates": int(agent.train_step_counter),
        **_specs(agent),
        "preprocessing": PREPROCESSING,
        "precision": agent.world_model.rssm.compute_dtype,
        "run": dict(source.run),
        "made": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "versions": {"dreamer_tf": _own_version(), "tensorflow": tf.__version__},
        "parity": dict(found),
    }
    for kind in _there(beside):
        policy = agent.collect_policy if kind in (SAMPLING, TFLITE) else agent.policy
        specs = state_specs(policy).items()
        state = {key: description.spec_json(spec) for key, spec in specs}
        whole = {"kind": kind, **common, "state": state}
        description.write(beside / kind, whole, source.settings)


def _own_version() -> str:
    try:
        return importlib.metadata.version("dreamer_tf")
    except importlib.metadata.PackageNotFoundError:
        return "source tree"


def _sweep(out: pathlib.Path) -> None:
    """Removes what exports that were killed have left."""
    for path in out.glob(".writing.*"):
        if not pathlib.Path("/proc", path.suffix[1:]).exists():
            shutil.rmtree(path, ignore_errors=True)


def _there(beside: pathlib.Path) -> List[str]:
    return [kind for kind in KINDS if (beside / kind).is_dir()]


def _publish(beside: pathlib.Path, out: pathlib.Path, version: int) -> None:
    """Renames; when that fails in the middle, what was renamed goes again."""
    done: List[pathlib.Path] = []
    try:
        for kind in _there(beside):
            target = out / kind / str(version)
            target.parent.mkdir(exist_ok=True)
            (beside / kind).rename(target)
            done.append(target)
    except OSError:
        for target in done:
            shutil.rmtree(target, ignore_errors=True)
        raise
