"""What an environment tells beside its time steps."""

from __future__ import annotations

from typing import Any, Dict

from tf_agents.environments import py_environment


def info_of(env: py_environment.PyEnvironment) -> Dict[str, Any]:
    """Returns a copy of `env.get_info()`; {} where it has none, as TF-Agents leaves it free."""
    try:
        return dict(env.get_info() or {})
    except NotImplementedError:
        return {}
