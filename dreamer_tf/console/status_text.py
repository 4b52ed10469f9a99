"""What a console shows, as lines of text."""

from __future__ import annotations

from typing import Any, Mapping

_SKIPPED = ("place", "reward", "time")


def status_lines(status: Mapping[str, Any]) -> list[str]:
    """What robot, policy and learner are doing.

    Args:
      status: of `Operator.status`; what is not in it is left out.

    Returns:
      Up to four lines: the run, the policy, the learner, and what the robot says of itself.
    """
    lines = [_line(status.get("state", "?").upper(), [
        ("", status.get("doing")),
        ("step", _number(status.get("env_steps"))),
        ("of the episode", _number(status.get("episode_step"))),
        ("reward", _number(status.get("reward"))),
        ("return", _number(status.get("episode_return"))),
    ])]
    for name in ("policy", "learner", "robot"):
        facts = status.get(name) or {}
        pairs = [(key.replace("_", " "), _number(value)) for key, value in facts.items()
                 if key not in _SKIPPED]
        if pairs:
            lines.append(_line(name, pairs))
    return lines


def _line(head: str, pairs: list) -> str:
    shown = [f"{key} {value}".strip() for key, value in pairs if value is not None]
    return f"{head:<10}" + ", ".join(shown)


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    if isinstance(value, int) or value == int(min(max(value, -1e15), 1e15)):
        return f"{int(value):,}"
    return f"{value:.3g}"
